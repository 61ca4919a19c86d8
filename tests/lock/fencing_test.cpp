// The checkers of fences, each against the real thing.
#include "holdfast/fencing.hpp"

#include "lock/lock_world.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace holdfast::test {
namespace {

class sqlite {
public:
    sqlite() { EXPECT_EQ(sqlite3_open(":memory:", &db_), SQLITE_OK); }
    ~sqlite() { sqlite3_close(db_); }
    sqlite(const sqlite&) = delete;

    /// Runs a statement with its parameters in order; how many rows it changed.
    int run(std::string_view sql, const std::vector<std::string>& values = {}) {
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(
            sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr),
            SQLITE_OK)
            << sqlite3_errmsg(db_);
        for (std::size_t i = 0; i < values.size(); ++i)
            sqlite3_bind_text(statement, static_cast<int>(i) + 1, values[i].c_str(), -1,
                              SQLITE_TRANSIENT);
        EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(db_);
        sqlite3_finalize(statement);
        return sqlite3_changes(db_);
    }

private:
    sqlite3* db_ = nullptr;
};

TEST(sql_fence, sqlite_refuses_an_older_holder_inside_the_transaction_of_the_write) {
    sqlite db;
    const auto& sql = sql_fence_for(sql_dialect::sqlite);
    db.run(sql.create_table);
    db.run(sql.create_table);
    const auto admit = [&](const std::string& fence, const std::string& resource = "orders") {
        db.run("BEGIN");
        db.run(sql.enrol, {resource});
        const bool yes = db.run(sql.admit, {fence, resource, fence}) == 1;
        db.run(yes ? "COMMIT" : "ROLLBACK");
        return yes;
    };
    EXPECT_TRUE(admit("1790000000000042"));
    EXPECT_TRUE(admit("1790000000000042"));
    EXPECT_FALSE(admit("1790000000000041"));
    EXPECT_FALSE(admit("9"));  // compared as numbers
    EXPECT_TRUE(admit("1790000000000043"));
    EXPECT_FALSE(admit("1790000000000042"));
    EXPECT_TRUE(admit("5", "another"));
}

TEST_P(both_stores, the_redis_scripts_refuse_an_older_fence) {
    const auto set = [&](std::int64_t fence, const std::string& value) {
        script_keys keys("fence:{doc}", "value:{doc}");
        script_args args(fence, value);
        return fleet.run(fleet.a->st->run(fenced_set_script(), std::move(keys), std::move(args)))
            ->as_integer();
    };
    EXPECT_EQ(set(1790000000000042, "new"), 1);
    EXPECT_EQ(set(1790000000000041, "old"), 0);
    EXPECT_EQ(set(1790000000000042, "newer"), 1);
    EXPECT_EQ(fleet.text({"GET", "value:{doc}"}), "newer");
    script_keys keys("fence:{doc}");
    script_args args(1);
    auto refused = fleet.a->st->run(fence_admit_script(), std::move(keys), std::move(args));
    EXPECT_EQ(fleet.run(std::move(refused))->as_integer(), 0);
    EXPECT_EQ(fleet.text({"GET", "fence:{doc}"}), "1790000000000042");
}

class fence_files : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "fenceXXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    errc admit(std::uint64_t fence) {
        const auto in = fence_file(folder / "fence").admit(fencing_token(fence));
        return in ? errc{} : errc_of(in.error());
    }
    std::filesystem::path folder;
};

TEST_F(fence_files, refuse_an_older_holder_also_after_a_restart) {
    EXPECT_EQ(admit(1790000000000042), errc{});
    EXPECT_EQ(admit(1790000000000041), errc::lease_lost);
    EXPECT_EQ(admit(1790000000000042), errc{});
    EXPECT_EQ(admit(18446744073709551615U), errc{});
    EXPECT_EQ(admit(1790000000000043), errc::lease_lost);
}

TEST_F(fence_files, let_one_writer_in_at_a_time) {
    std::atomic<int> inside = 0;
    std::vector<std::jthread> writers;
    for (std::uint64_t i = 1; i <= 8; ++i)
        writers.emplace_back([&] {
            for (int turn = 0; turn < 20; ++turn) {
                const auto in = fence_file(folder / "fence").admit(fencing_token(7));
                ASSERT_TRUE(in);
                EXPECT_EQ(++inside, 1);
                --inside;
            }
        });
}

TEST_F(fence_files, leave_a_file_alone_that_is_something_else) {
    std::ofstream(folder / "fence") << "my diary";
    EXPECT_EQ(admit(5), errc::corrupt_data);
    std::ifstream read(folder / "fence");
    std::string text;
    std::getline(read, text);
    EXPECT_EQ(text, "my diary");
    folder /= "missing";
    EXPECT_EQ(admit(5), errc::internal);
    folder = folder.parent_path();
}

TEST(fence_gate, answers_a_write_with_the_status_that_tells_what_to_do) {
    fence_gate gate;
    const auto check = [&](const std::string& value) { return gate.check({"orders"}, &value); };
    EXPECT_EQ(gate.check({"orders"}, nullptr), 428U);
    EXPECT_EQ(check(format_fence(fencing_token(42))), 200U);
    EXPECT_EQ(check("42"), 200U);
    EXPECT_EQ(check("41"), 412U);
    EXPECT_EQ(check("43"), 200U);
    for (const auto* bad :
         {"", "0", "042", "-1", "+1", " 42", "42 ", "4.2", "0x2a", "forty", "18446744073709551616"})
        EXPECT_EQ(check(bad), 400U) << bad;
    EXPECT_TRUE(gate.admit({"another"}, fencing_token(1)));
    EXPECT_FALSE(gate.admit({"orders"}, fencing_token(42)));
}

}  // namespace
}  // namespace holdfast::test
