// `holdfast token issue` and `revoke` on an embedded store, without a daemon.
#include "support/child_process.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace holdfast::test {
namespace {

class token_command : public testing::Test {
protected:
    void SetUp() override {
        std::ofstream(config_) << "jwt: { secret: 3Bde3BGEbYqtqyEUzW3ry8jKFcaPH17fRmTmqE7MDr05Lwj95"
                                  "uruRKrrkb44TJ4s }\n"
                                  "guards: { app: { users: { sqlite: users.db } } }\n";
        ASSERT_EQ(run({"user", "add", "ann"}, "secret1\n").code, 0);
    }
    struct answer {
        int code;
        std::string out;
        std::string err;
    };
    answer run(std::vector<std::string> words, const std::string& input = "") {
        std::vector<std::string> argv{HOLDFAST_PROGRAM};
        argv.insert(argv.end(), words.begin(), words.end());
        argv.insert(argv.end(), {"-c", config_});
        if (words.front() == "token") argv.insert(argv.end(), {"--store", store_});
        auto done = run_to_end(std::move(argv), {.input = input});
        return {done.wait_code(), done.out(), done.err()};
    }
    std::string issue() {
        auto out = run({"token", "issue", "--user", "1"}).out;
        if (!out.empty()) out.pop_back();
        return out;
    }
    temporary_folder folder_;
    std::string config_ = folder_.path() + "/holdfast.yaml";
    std::string store_ = "embedded:" + folder_.path() + "/store";
};

TEST_F(token_command, issues_a_token_that_can_be_revoked_once) {
    const auto token = issue();
    ASSERT_EQ(std::ranges::count(token, '.'), 2) << token;
    EXPECT_EQ(run({"token", "revoke", "-"}, token + "\n").code, 0);
    EXPECT_EQ(run({"token", "revoke", token}).code, 1);
}

TEST_F(token_command, revokes_every_session_of_a_user) {
    const auto one = issue();
    const auto two = issue();
    EXPECT_EQ(run({"token", "revoke", "--user", "1"}).code, 0);
    EXPECT_EQ(run({"token", "revoke", one}).code, 1);
    EXPECT_EQ(run({"token", "revoke", two}).code, 1);
    EXPECT_EQ(run({"token", "revoke", issue()}).code, 0);
}

TEST_F(token_command, refuses_what_it_cannot_do) {
    EXPECT_EQ(run({"token", "issue", "--user", "99"}).code, 1);
    EXPECT_EQ(run({"token", "issue", "--user", "a b"}).code, 2);
    EXPECT_EQ(run({"token", "issue", "--user", "1", "--guard", "nobody"}).code, 2);
    EXPECT_EQ(run({"token", "revoke"}).code, 2);
    EXPECT_EQ(run({"token", "revoke", "x.y.z"}).code, 1);
    ASSERT_EQ(run({"user", "disable", "ann"}).code, 0);
    EXPECT_EQ(run({"token", "issue", "--user", "1"}).code, 1);
}

}  // namespace
}  // namespace holdfast::test
