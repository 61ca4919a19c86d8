// Expiry, TIME and generated ids, on a clock that the test turns.
#include "store/embedded/engine_fixture.hpp"

namespace holdfast::test {
namespace {

class keyspace_time : public engine_fixture {};

TEST_F(keyspace_time, ends_a_key_after_its_last_millisecond) {
    cmd({"SET", "k", "v", "PX", "100"});
    pass(milliseconds(100));
    EXPECT_EQ(cmd({"GET", "k"}), R"("v")");
    EXPECT_EQ(cmd({"PTTL", "k"}), "0");
    pass(milliseconds(1));
    EXPECT_EQ(cmd({"GET", "k"}), "nil");
    EXPECT_EQ(cmd({"PTTL", "k"}), "-2");
}

TEST_F(keyspace_time, counts_whole_seconds_rounded) {
    for (const auto& [ms, seconds] : {std::pair{"1499", "1"}, {"1500", "2"}, {"499", "0"}}) {
        cmd({"SET", "k", "v", "PX", ms});
        EXPECT_EQ(cmd({"TTL", "k"}), seconds);
    }
}

TEST_F(keyspace_time, removes_due_keys_that_nobody_touches) {
    for (int i = 0; i < 15; ++i) cmd({"SET", "k" + std::to_string(i), "v", "PX", "10"});
    pass(milliseconds(11));
    EXPECT_EQ(cmd({"DBSIZE"}), "0");
}

TEST_F(keyspace_time, does_not_revive_a_key_when_the_clock_steps_back) {
    cmd({"SET", "k", "v", "PX", "10"});
    pass(milliseconds(11));
    EXPECT_EQ(cmd({"EXISTS", "k"}), "0");
    pass(milliseconds(-11));
    EXPECT_EQ(cmd({"EXISTS", "k"}), "0");
}

TEST_F(keyspace_time, removes_a_key_whose_new_expiry_is_past) {
    cmd({"SET", "k", "v"});
    EXPECT_EQ(cmd({"PEXPIREAT", "k", "1"}), "1");
    EXPECT_EQ(cmd({"EXISTS", "k"}), "0");
}

TEST_F(keyspace_time, stands_still_within_a_script) {
    EXPECT_EQ(lua("local a = redis.call('TIME') for i = 1, 1000 do redis.call('PING') end "
                  "local b = redis.call('TIME') return {a[1], a[1] == b[1] and a[2] == b[2]}"),
              R"(["1700000000" 1])");
    now_ += microseconds(42);
    EXPECT_EQ(cmd({"TIME"}), R"(["1700000000" "42"])");
}

TEST_F(keyspace_time, generates_rising_stream_ids_even_when_the_clock_steps_back) {
    EXPECT_EQ(cmd({"XADD", "x", "*", "f", "v"}), R"("1700000000000-0")");
    EXPECT_EQ(cmd({"XADD", "x", "*", "f", "v"}), R"("1700000000000-1")");
    pass(milliseconds(-5000));
    EXPECT_EQ(cmd({"XADD", "x", "*", "f", "v"}), R"("1700000000000-2")");
    pass(milliseconds(5001));
    EXPECT_EQ(cmd({"XADD", "x", "*", "f", "v"}), R"("1700000000001-0")");
}

TEST_F(keyspace_time, scans_every_key_once_while_others_come_and_go) {
    for (int i = 0; i < 40; ++i) cmd({"SET", "keep" + std::to_string(i), "v"});
    std::string seen;
    std::string cursor = "0";
    int added = 0;
    do {
        const auto part = eval("return redis.call('SCAN', ARGV[1], 'COUNT', 7)", {}, {cursor});
        cursor = part.items[0].text;
        for (const auto& key : part.items[1].items) seen += key.text + ";";
        cmd({"SET", "new" + std::to_string(added), "v"});
        cmd({"DEL", "new" + std::to_string(added++ / 2)});
    } while (cursor != "0" && added < 100);
    for (int i = 0; i < 40; ++i) {
        const auto key = "keep" + std::to_string(i) + ";";
        const auto at = seen.find(key);
        ASSERT_NE(at, std::string::npos) << key;
        EXPECT_EQ(seen.find(key, at + 1), std::string::npos) << key;
    }
}

}  // namespace
}  // namespace holdfast::test
