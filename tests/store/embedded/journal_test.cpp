// What is there again after a restart.
#include "store/embedded/journal_fixture.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::test {
namespace {

class journal_of_the_store : public journal_fixture {};

constexpr auto write_every_type =
    "redis.call('SET', 's', 'text\\0\\r\\n') redis.call('SET', 'volatile', 'v', 'PX', 10000) "
    "redis.call('SET', 'gone', 'v', 'PX', 5) redis.call('HSET', 'h', 'b', 1, 'a', 2) "
    "redis.call('RPUSH', 'l', 1, 2, 3) redis.call('LPOP', 'l') redis.call('SADD', 'set', 'x', 'y') "
    "redis.call('ZADD', 'z', 1.5, 'one', '-inf', 'least', 0.1, 'tenth') "
    "redis.call('XADD', 'x', '*', 'f', 'v') redis.call('XADD', 'x', 'MAXLEN', '~', 5, '*', 'f', "
    "'w') "
    "redis.call('XADD', 'empty', '5-1', 'f', 'v') redis.call('XDEL', 'empty', '5-1') "
    "redis.call('INCRBY', 'n', 41) redis.call('INCR', 'n') return 1";

TEST_F(journal_of_the_store, brings_every_type_back) {
    std::string before;
    {
        const auto engine = open();
        ASSERT_TRUE(run(*engine, write_every_type));
        before = contents(engine->snapshot());
    }
    for (int restart = 0; restart < 2; ++restart)
        EXPECT_EQ(contents(open()->snapshot()), before) << restart;
}

TEST_F(journal_of_the_store, brings_every_type_back_after_compaction) {
    std::string before;
    {
        const auto engine = open();
        ASSERT_TRUE(run(*engine, write_every_type));
        for (int i = 0; i < 500; ++i) ASSERT_TRUE(set(*engine, "k", std::to_string(i)));
        const auto size = std::filesystem::file_size(journal_file());
        engine->compact();
        EXPECT_LT(std::filesystem::file_size(journal_file()), size);
        ASSERT_TRUE(set(*engine, "after", "compaction"));
        before = contents(engine->snapshot());
    }
    for (int restart = 0; restart < 2; ++restart)
        EXPECT_EQ(contents(open()->snapshot()), before) << restart;
    const auto engine = open();
    EXPECT_EQ(run(*engine, "return redis.call('XADD', 'empty', '5-1', 'f', 'v')").error(),
              errc::script_error);
}

TEST_F(journal_of_the_store, keeps_expiries_absolute) {
    ASSERT_TRUE(run(*open(), "return redis.call('SET', 'k', 'v', 'PX', 10000)"));
    now_ += seconds(4);
    EXPECT_EQ(run(*open(), "return redis.call('PTTL', 'k')")->as_integer(), 6000);
    now_ += milliseconds(6001);
    EXPECT_EQ(run(*open(), "return redis.call('EXISTS', 'k')")->as_integer(), 0);
}

TEST_F(journal_of_the_store, keeps_what_is_left_of_an_expiry_when_the_clock_steps_back) {
    {
        const auto engine = open();
        ASSERT_TRUE(run(*engine, "return redis.call('SET', 'k', 'v', 'PX', 10000)"));
        ASSERT_TRUE(run(*engine, "return redis.call('XADD', 'x', '*', 'f', 'v')"));
    }
    now_ -= hours(5);
    for (int restart = 0; restart < 2; ++restart)
        EXPECT_EQ(run(*open(), "return redis.call('PTTL', 'k')")->as_integer(), 10000);
    EXPECT_TRUE(run(*open(), "return redis.call('XADD', 'x', '*', 'f', 'v')"));
}

TEST_F(journal_of_the_store, does_not_bring_an_expired_key_back_when_the_clock_steps_back) {
    {
        const auto engine = open();
        ASSERT_TRUE(run(*engine, "return redis.call('SET', 'k', 'v', 'PX', 100)"));
        now_ += seconds(1);
        EXPECT_EQ(get(*engine, "k"), "");
    }
    now_ -= seconds(10);
    EXPECT_EQ(get(*open(), "k"), "");
}

TEST_F(journal_of_the_store, keeps_what_a_failed_script_had_written) {
    ASSERT_FALSE(run(*open(), "redis.call('SET', 'k', 'v') error('half way')"));
    EXPECT_EQ(get(*open(), "k"), "v");
}

TEST_F(journal_of_the_store, is_held_by_one_process_and_names_it) {
    const auto engine = open();
    std::string why;
    const auto second = embedded_engine::open(folder(), options_, log_, now_, why);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), errc::folder_in_use);
    EXPECT_NE(why.find(std::to_string(::getpid())), std::string::npos) << why;
}

TEST_F(journal_of_the_store, makes_a_folder_only_its_user_can_read) {
    open();
    struct stat info{};
    ASSERT_EQ(::stat(folder().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat(journal_file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(journal_of_the_store, refuses_a_folder_it_cannot_make) {
    for (const auto& path : {home_.path() + "/no/such/parent", std::string("/dev/null")}) {
        std::string why;
        const auto opened = embedded_engine::open(path, options_, log_, now_, why);
        ASSERT_FALSE(opened) << path;
        EXPECT_EQ(opened.error(), errc::invalid_configuration);
        EXPECT_NE(why.find(path), std::string::npos) << why;
    }
}

TEST_F(journal_of_the_store, grows_and_compacts_by_itself) {
    options_.journal.compact_from_bytes = 50'000;
    const auto engine = open();
    const std::string text(100, 'x');
    std::uintmax_t largest = 0;
    for (int i = 0; i < 20'000; ++i) {
        ASSERT_TRUE(set(*engine, "k" + std::to_string(i % 10), text + std::to_string(i)));
        largest = std::max(largest, std::filesystem::file_size(journal_file()));
    }
    engine->compact();
    EXPECT_LT(std::filesystem::file_size(journal_file()), 5'000U);
    EXPECT_LT(largest, 3'000'000U);
    EXPECT_EQ(get(*engine, "k9"), text + "19999");
}

TEST_F(journal_of_the_store, may_be_synced_at_every_write) {
    options_.journal.when = embedded::journal_options::sync::always;
    ASSERT_TRUE(set(*open(), "k", "v"));
    EXPECT_EQ(get(*open(), "k"), "v");
}

}  // namespace
}  // namespace holdfast::test
