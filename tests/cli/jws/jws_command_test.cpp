// `holdfast jws verify` and `holdfast token inspect` as scripts see them.
#include "support/child_process.hpp"
#include "token/jws/tokens.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace holdfast {
namespace {

using namespace test;

class jws_command : public testing::Test {
protected:
    std::string write(const std::string& name, std::string_view text) {
        const auto path = folder.path() + '/' + name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    std::string write_key() {
        return write("key.json", R"({"kty":"oct","kid":"k1","alg":"HS256","k":")" +
                                     base64url_encode(secret) + R"("})");
    }
    struct outcome {
        int code;
        std::string out;
        std::string err;
    };
    static outcome run(std::vector<std::string> arguments, std::string input = {}) {
        arguments.insert(arguments.begin(), HOLDFAST_PROGRAM);
        auto process = run_to_end(std::move(arguments), {.input = std::move(input)});
        const int code = process.wait_code();
        return {code, process.out(), process.err()};
    }
    static outcome verify(const std::string& key, const std::string& token) {
        return run({"jws", "verify", "--key", key, token});
    }

    temporary_folder folder;
    std::string token = sign_raw(plain_header, R"({"any":"payload"})");
};

TEST_F(jws_command, verify_says_yes_with_zero) {
    const auto said = verify(write_key(), token);
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(said.err, "");
    EXPECT_EQ(run({"jws", "verify", "--key", write_key(), "--payload", token}).out,
              R"({"any":"payload"})");
}

TEST_F(jws_command, verify_reads_the_token_from_standard_input) {
    EXPECT_EQ(run({"jws", "verify", "--key", write_key(), "-"}, token + '\n').code, 0);
}

TEST_F(jws_command, verify_finds_the_key_of_a_set) {
    const auto set = write("set.json", R"({"keys":[{"kty":"oct","kid":"other","k":")" +
                                           base64url_encode(std::string(32, 'x')) +
                                           R"("},{"kty":"oct","kid":"k1","k":")" +
                                           base64url_encode(secret) + R"("}]})");
    EXPECT_EQ(verify(set, token).code, 0);
}

TEST_F(jws_command, verify_says_no_with_one_and_one_line) {
    const auto key = write_key();
    for (const auto& bad : {std::string(), token + ".", token + "=", std::string("a.b.c"),
                            std::string("-x.y.z"), std::string(70000, '.'), " " + token}) {
        const auto said = verify(key, bad);
        EXPECT_EQ(said.code, 1) << bad.substr(0, 40) << said.err;
        EXPECT_EQ(said.out, "");
        EXPECT_EQ(std::ranges::count(said.err, '\n'), 1) << said.err;
    }
}

TEST_F(jws_command, verify_says_no_when_the_key_is_refused) {
    const auto key =
        write("enc.json", R"({"kty":"oct","use":"enc","k":")" + base64url_encode(secret) + R"("})");
    EXPECT_EQ(verify(key, token).code, 1);
}

TEST_F(jws_command, verify_says_usage_when_the_key_file_is_none) {
    EXPECT_EQ(verify(folder.path() + "/absent", token).code, 2);
    EXPECT_EQ(verify(folder.path(), token).code, 2);
    EXPECT_EQ(verify(write("text", "not json"), token).code, 2);
    EXPECT_EQ(run({"jws", "verify", token}).code, 2);
    EXPECT_EQ(run({"jws", "verify", "--key", write_key()}).code, 2);
    EXPECT_EQ(run({"jws", "verify", "--key", write_key(), token, "--colour"}).code, 2);
    EXPECT_EQ(run({"jws", "verify", "--key", write_key(), token, token}).code, 2);
    EXPECT_EQ(run({"jws", "verify", "--key", write_key(), "--alg", "HS1", token}).code, 2);
}

TEST_F(jws_command, inspect_shows_claims_and_checks_when_given_a_key) {
    const auto mine = sign_raw(plain_header, good_claims().to_json());
    const auto shown = run({"token", "inspect", mine});
    EXPECT_EQ(shown.code, 0) << shown.err;
    EXPECT_NE(shown.out.find("2027-01-15T09:00:00Z"), std::string::npos) << shown.out;
    EXPECT_EQ(run({"token", "inspect", "--key", write_key(), mine}).code, 0);
    const auto forged = mine.substr(0, mine.rfind('.') + 1) + std::string(43, 'A');
    EXPECT_EQ(run({"token", "inspect", forged}).code, 0);
    EXPECT_EQ(run({"token", "inspect", "--key", write_key(), "--json", forged}).code, 1);
    EXPECT_EQ(run({"token", "inspect", "nonsense"}).code, 1);
}

}  // namespace
}  // namespace holdfast
