// Connecting, running, pushes: the good day.
#include "store/redis/redis_world.hpp"

#include "runtime/wake_event.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

TEST(redis_store, runs_scripts_and_converts_replies_when_connected) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value()) << world.store->problem();
    EXPECT_TRUE(world.store->connected());
    EXPECT_EQ(world.store->problem(), "");
    const auto answer = world.call(echo, script_keys(), script_args("a", 7, ""));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(to_string(*answer), R"(["a", "7", ""])");
    const auto odd = make_script("t/odd", "return {1, false, 'x', {2, {3}}, true, 1.9}");
    EXPECT_EQ(to_string(world.call(odd, script_keys(), script_args()).value()),
              R"([1, nil, "x", [2, [3]], 1, 1])");
}

TEST(redis_store, sends_the_text_once_and_hashes_afterwards) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    for (int i = 1; i <= 3; ++i)
        EXPECT_EQ(world.call(count, script_keys("k"), script_args()).value().as_integer(), i);
    server.cli({"SCRIPT", "FLUSH"});
    EXPECT_EQ(world.call(count, script_keys("k"), script_args()).value().as_integer(), 4);
    const auto stats = server.cli({"INFO", "commandstats"});
    EXPECT_NE(stats.find("cmdstat_evalsha:calls=4"), stats.npos) << stats;  // one is the probe's
}

TEST(redis_store, delivers_pushes_of_both_channels_when_published) {
    redis_server server;
    redis_world world(server.url());
    redis_world other(server.url());
    ASSERT_TRUE(world.start().has_value());
    ASSERT_TRUE(other.start().has_value());
    EXPECT_NE(world.store->process_channel(), other.store->process_channel());
    EXPECT_EQ(world.store->fleet_channel(), other.store->fleet_channel());
    std::vector<std::string> heard;
    wake_event arrived(world.runtime.executor());
    const auto listening = world.store->pushes().listen("lock", [&](std::string_view payload) {
        heard.emplace_back(payload);
        arrived.notify_all();
    });
    const auto mine = world.store->process_channel();
    EXPECT_EQ(other.call(publish, script_keys(), script_args(mine, "lock granted me")).value(),
              reply(std::int64_t{1}));
    EXPECT_EQ(
        other
            .call(publish, script_keys(), script_args(other.store->fleet_channel(), "lock for all"))
            .value(),
        reply(std::int64_t{2}));
    auto both = [&]() -> task<void> {
        while (heard.size() < 2) co_await arrived.wait();
    };
    world.run(both());
    EXPECT_EQ(heard, (std::vector<std::string>{"granted me", "for all"}));
}

TEST(redis_store, uses_the_database_of_the_url) {
    redis_server server;
    redis_world world("redis://127.0.0.1:" + std::to_string(server.port()) + "/3");
    ASSERT_TRUE(world.start().has_value());
    EXPECT_TRUE(world.call(count, script_keys("here"), script_args()).has_value());
    EXPECT_EQ(server.cli({"-n", "3", "GET", "here"}), "1");
    EXPECT_EQ(server.cli({"-n", "0", "DBSIZE"}), "0");
    EXPECT_EQ(server.cli({"-n", "3", "DBSIZE"}), "1") << "the probe left something";
}

TEST(redis_store, refuses_calls_when_closed) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    world.run(world.store->close());
    world.run(world.store->close());
    EXPECT_FALSE(world.store->connected());
    EXPECT_EQ(world.call(echo, script_keys(), script_args()).error(), errc::shutting_down);
}

TEST(redis_store, needs_no_start_when_a_call_comes_first) {
    redis_server server;
    redis_world world(server.url());
    EXPECT_TRUE(world.call(echo, script_keys(), script_args("x")).has_value());
}

TEST(redis_store, says_what_is_wrong_when_nothing_listens) {
    redis_world world("redis://127.0.0.1:" + std::to_string(free_port()));
    EXPECT_EQ(world.start().error(), errc::store_unavailable);
    EXPECT_NE(world.store->problem().find("cannot reach"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::test
