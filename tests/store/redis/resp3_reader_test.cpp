// Bytes to messages: every form, torn at every place, and bytes no Redis would send.
#include "store/redis/resp3_reader.hpp"

#include "store/redis/inbox.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace holdfast {
namespace {

using kind = resp3_message::kind;

struct form {
    std::string bytes;
    kind what;
    std::string text;  // to_string of the value, or the error line
};

const std::vector<form>& forms() {
    static const std::vector<form> all{
        {"+OK\r\n", kind::answer, "\"OK\""},
        {":42\r\n", kind::answer, "42"},
        {":-9007199254740993\r\n", kind::answer, "-9007199254740993"},
        {"_\r\n", kind::answer, "nil"},
        {"#t\r\n", kind::answer, "1"},
        {"#f\r\n", kind::answer, "nil"},
        {",1.5\r\n", kind::answer, "\"1.5\""},
        {"(123456789012345678901234567890\r\n", kind::answer, "\"123456789012345678901234567890\""},
        {"$0\r\n\r\n", kind::answer, "\"\""},
        {"$5\r\na\r\nbc\r\n", kind::answer, ""},
        {"=8\r\ntxt:text\r\n", kind::answer, "\"text\""},
        {"*0\r\n", kind::answer, "[]"},
        {"*3\r\n:1\r\n$1\r\nx\r\n_\r\n", kind::answer, "[1, \"x\", nil]"},
        {"*2\r\n*2\r\n:1\r\n*1\r\n:2\r\n*0\r\n", kind::answer, "[[1, [2]], []]"},
        {"%2\r\n+a\r\n:1\r\n+b\r\n%0\r\n", kind::answer, "[\"a\", 1, \"b\", []]"},
        {"~2\r\n+a\r\n+b\r\n", kind::answer, "[\"a\", \"b\"]"},
        {"-NOSCRIPT no\r\n", kind::error, "NOSCRIPT no"},
        {"!9\r\nERR a\r\nbc\r\n", kind::error, "ERR a\r\nbc"},
        {"*2\r\n:1\r\n-ERR inside\r\n", kind::error, "ERR inside"},
        {">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$3\r\na b\r\n", kind::push,
         "[\"message\", \"c\", \"a b\"]"},
    };
    return all;
}

std::string feed(inbox& in, std::string_view bytes, std::size_t piece) {
    std::string seen;
    while (!bytes.empty()) {
        const auto space = in.space();
        const auto count = std::min({piece, bytes.size(), space.size()});
        std::memcpy(space.data(), bytes.data(), count);
        in.arrived(count);
        bytes.remove_prefix(count);
        while (auto message = in.next())
            seen +=
                (message->what == kind::error ? "-" + message->error : to_string(message->value)) +
                "\n";
    }
    return seen;
}

TEST(resp3_reader, reads_every_form) {
    for (const auto& each : forms()) {
        resp3_reader reader;
        const auto message = reader.next(each.bytes);
        ASSERT_TRUE(message) << each.bytes;
        EXPECT_EQ(reader.consumed(), each.bytes.size()) << each.bytes;
        EXPECT_EQ(message->what, each.what) << each.bytes;
        if (each.what == kind::error)
            EXPECT_EQ(message->error, each.text);
        else if (!each.text.empty())
            EXPECT_EQ(to_string(message->value), each.text);
        else
            EXPECT_EQ(message->value.as_text(), "a\r\nbc");
    }
}

TEST(resp3_reader, reads_the_same_however_the_bytes_are_torn) {
    std::string all;
    for (const auto& each : forms()) all += each.bytes;
    all += "$100000\r\n" + std::string(100000, 'x') + "\r\n:7\r\n";
    inbox whole;
    const auto expected = feed(whole, all, all.size());
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 64u, 4096u}) {
        inbox torn;
        EXPECT_EQ(feed(torn, all, piece), expected) << piece;
        EXPECT_FALSE(torn.corrupt());
    }
}

TEST(resp3_reader, calls_corrupt_what_no_redis_sends) {
    const std::string wrong[] = {
        "\r\n",
        "$\r\n",
        "$-1\r\n",
        "$1x\r\nx\r\n",
        "$99999999999999999999\r\n",
        "*\r\n",
        "*-1\r\n",
        "$?\r\n",
        ";0\r\n",
        ";4\r\nabcd\r\n",
        "|1\r\n",
        ":\r\n",
        "#\r\n",
        "#x\r\n",
        "HTTP/1.1 400 Bad\r\n",
        std::string("\0\0\0\r\n", 5),
        "%\r\n",
        "*9\r\n;0\r\n",
        "=\r\n",
        "!\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
        std::string(70000, 'a'),
    };
    for (const auto& bytes : wrong) {
        resp3_reader reader;
        EXPECT_FALSE(reader.next(bytes)) << bytes;
        EXPECT_TRUE(reader.corrupt()) << bytes;
    }
}

TEST(resp3_reader, survives_any_bytes) {
    std::mt19937 random(20261122);
    const std::string alphabet = "*$:+-_,#(=!>~%|;?\r\n\r\n\r\n0123456789tfx";
    for (int round = 0; round < 20000; ++round) {
        std::string bytes;
        const auto length = random() % 60;
        for (unsigned i = 0; i < length; ++i) bytes += alphabet[random() % alphabet.size()];
        inbox in;
        feed(in, bytes, 1 + random() % 9);
    }
}

}  // namespace
}  // namespace holdfast
