// The checker of fences for MySQL, inside transactions of a real server that wait for each other.
#include "holdfast/fencing.hpp"
#include "support/child_process.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace holdfast::test {
namespace {

class mariadb : public testing::Test {
protected:
    mariadb() {
        server_.wait_for_line("ready for connections");
        EXPECT_EQ(sql("CREATE DATABASE fences").wait_code(), 0);
        database_ = "fences";
        EXPECT_EQ(sql(std::string(checker_.create_table)).wait_code(), 0);
        EXPECT_EQ(sql(std::string(checker_.create_table)).wait_code(), 0);
    }

    /// A session that runs these statements and goes. An error ends it with code 1.
    child_process sql(const std::string& statements) const {
        child_process::options options;
        options.input = statements + ";\n";
        return child_process({"mariadb", "--no-defaults", "--batch", "--skip-column-names",
                              "--unbuffered", "--socket=" + socket_, database_},
                             options);
    }
    std::string ask(const std::string& question) const {
        auto session = sql(question);
        session.wait();
        return session.out();
    }
    /// The transaction of a write; `between` is done after `enrol`. Says "rows 1" when admitted.
    std::string transaction(const std::string& fence, const std::string& between = "") const {
        return "PREPARE enrol FROM '" + std::string(checker_.enrol) + "'; PREPARE admit FROM '" +
               std::string(checker_.admit) + "'; SET @f = " + fence +
               ", @r = 'orders'; BEGIN; EXECUTE enrol USING @r; SELECT 'enrolled'; " + between +
               "EXECUTE admit USING @f, @r, @f; SELECT CONCAT('rows ', ROW_COUNT()); COMMIT";
    }
    bool admits(const std::string& fence) const {
        return ask(transaction(fence)) == "enrolled\nrows 1\n";
    }

    const sql_fence& checker_ = sql_fence_for(sql_dialect::mysql);
    temporary_folder folder_;
    std::string socket_ = folder_.path() + "/socket";
    std::string database_ = "information_schema";
    child_process server_{{"mariadbd", "--no-defaults", "--datadir=" + folder_.path(),
                           "--socket=" + socket_, "--pid-file=" + folder_.path() + "/pid",
                           "--skip-networking", "--skip-grant-tables",
                           "--innodb-flush-log-at-trx-commit=0", "--user=" + user()}};

private:
    static std::string user() { return geteuid() == 0 ? "root" : std::to_string(geteuid()); }
};

TEST_F(mariadb, refuses_an_older_fence_and_lets_a_holder_write_twice) {
    EXPECT_TRUE(admits("1790000000000042"));
    EXPECT_TRUE(admits("1790000000000042"));
    EXPECT_FALSE(admits("1790000000000041"));
    EXPECT_FALSE(admits("9"));
    EXPECT_TRUE(admits("9223372036854775807"));
}

// Two that have both enrolled and neither of which can go on would be a deadlock.
TEST_F(mariadb, makes_the_next_writer_wait_for_the_commit) {
    EXPECT_TRUE(admits("40"));
    auto gate = sql("DO GET_LOCK('go', 60); SELECT CONCAT('by ', CONNECTION_ID()); DO SLEEP(60)");
    const auto holder = gate.wait_for_line("by ").substr(3);
    const std::string pass = "DO GET_LOCK('go', 60); DO RELEASE_LOCK('go'); ";
    auto newer = sql(transaction("42", pass));
    newer.wait_for_line("enrolled");
    auto older = sql(transaction("41"));
    const std::string waiting =
        "SELECT COUNT(*) FROM information_schema.processlist "
        "WHERE info LIKE 'INSERT%' OR info LIKE 'UPDATE%'";
    EXPECT_TRUE(wait_until([&] { return ask(waiting) == "1\n"; }));
    ask("KILL " + holder);
    EXPECT_EQ(newer.wait_code(), 0) << newer.err();
    EXPECT_EQ(older.wait_code(), 0) << older.err();
    EXPECT_EQ(newer.out(), "enrolled\nrows 1\n");
    EXPECT_EQ(older.out(), "enrolled\nrows 0\n");
}

}  // namespace
}  // namespace holdfast::test
