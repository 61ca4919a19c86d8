// `holdfast user`: adding, listing, disabling, passwords, and what is refused.
#include "support/child_process.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace holdfast::test {
namespace {

class user_command : public testing::Test {
protected:
    struct answer {
        int code;
        std::string out;
        std::string err;
    };
    answer run(std::vector<std::string> words, const std::string& input = "") {
        std::vector<std::string> argv{HOLDFAST_PROGRAM, "user"};
        argv.insert(argv.end(), words.begin(), words.end());
        argv.insert(argv.end(), {"--db", file_});
        auto done = run_to_end(std::move(argv), {.input = input});
        return {done.wait_code(), done.out(), done.err()};
    }
    temporary_folder folder_;
    std::string file_ = folder_.path() + "/users.db";
};

TEST_F(user_command, adds_lists_disables_and_enables) {
    EXPECT_EQ(run({"add", "ann", "--name", "Ann \"A\""}, "secret1\n").code, 0);
    EXPECT_EQ(run({"add", "bob"}, "secret1").code, 0);
    EXPECT_EQ(run({"disable", "bob"}).code, 0);
    const auto list = run({"ls", "--json"});
    EXPECT_EQ(list.code, 0);
    EXPECT_NE(list.out.find(R"("account":"ann","name":"Ann \"A\"","disabled":false)"),
              std::string::npos);
    EXPECT_NE(list.out.find(R"("account":"bob","name":"","disabled":true)"), std::string::npos);
    EXPECT_EQ(run({"disable", "bob", "--undo"}).code, 0);
    EXPECT_EQ(run({"ls", "--json"}).out.find("true"), std::string::npos);
    EXPECT_NE(run({"ls"}).out.find("1\tann\t"), std::string::npos);
}

TEST_F(user_command, keeps_the_file_to_its_owner) {
    ASSERT_EQ(run({"add", "ann"}, "secret1\n").code, 0);
    struct stat info{};
    ASSERT_EQ(::stat(file_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(user_command, reads_the_password_from_a_file) {
    const auto secret = folder_.path() + "/password";
    std::ofstream(secret) << "secret1\n";
    EXPECT_EQ(run({"add", "ann", "--password-file", secret}).code, 0);
    EXPECT_EQ(run({"passwd", "ann", "--password-file", secret}).code, 0);
    EXPECT_EQ(run({"passwd", "ann", "--password-file", secret + "x"}).code, 2);
}

TEST_F(user_command, answers_no_for_a_taken_or_unknown_account) {
    ASSERT_EQ(run({"add", "ann"}, "secret1\n").code, 0);
    EXPECT_EQ(run({"add", "ann"}, "secret1\n").code, 1);
    EXPECT_EQ(run({"passwd", "eve"}, "secret1\n").code, 1);
    EXPECT_EQ(run({"disable", "eve"}).code, 1);
}

TEST_F(user_command, refuses_what_cannot_be_with_one_line) {
    struct wrong {
        std::vector<std::string> words;
        std::string input;
    };
    const std::vector<wrong> table{
        {{"add", "ann"}, "short\n"},
        {{"add", "ann"}, ""},
        {{"add", "ann"}, std::string(257, 'x')},
        {{"add", " ann"}, "secret1\n"},
        {{"add", std::string(65, 'a')}, "secret1\n"},
        {{"add", "ann", "--table", "users; drop table users"}, "secret1\n"},
        {{"add", "ann", "--table", "sqlite_master"}, "secret1\n"},
        {{"add"}, ""},
        {{"rename", "ann"}, ""},
    };
    for (const auto& row : table) {
        const auto refused = run(row.words, row.input);
        EXPECT_EQ(refused.code, 2) << refused.err;
        EXPECT_TRUE(refused.err.starts_with("holdfast: ")) << refused.err;
        EXPECT_EQ(std::ranges::count(refused.err, '\n'), 1) << refused.err;
    }
    EXPECT_EQ(run({"ls", "--json"}).out, "[]\n");
}

// Registration is closed unless a file opens it, so the first user comes before the first start.
TEST_F(user_command, makes_the_data_folder_with_the_first_user_and_for_nothing_less) {
    const auto config = folder_.path() + "/holdfast.yaml";
    std::ofstream(config) << "data: state/of/holdfast\n";
    const auto with_config = [&](std::vector<std::string> words, const std::string& input) {
        words.insert(words.begin(), {HOLDFAST_PROGRAM, "user"});
        words.insert(words.end(), {"-c", config});
        return run_to_end(std::move(words), {.input = input}).wait_code();
    };
    const auto folder = folder_.path() + "/state/of/holdfast";
    struct stat info{};
    EXPECT_EQ(with_config({"ls"}, ""), 1);
    EXPECT_EQ(with_config({"disable", "ann"}, ""), 1);
    EXPECT_NE(::stat(folder.c_str(), &info), 0) << "looking makes nothing";
    EXPECT_EQ(with_config({"add", "ann"}, "secret1\n"), 0);
    ASSERT_EQ(::stat(folder.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
    EXPECT_EQ(with_config({"ls"}, ""), 0);
}

TEST_F(user_command, says_which_database_cannot_be_used) {
    std::ofstream(file_) << "this is not a database, and long enough to be "
                            "looked at as one ......";
    const auto refused = run({"ls"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find(file_), std::string::npos);
}

}  // namespace
}  // namespace holdfast::test
