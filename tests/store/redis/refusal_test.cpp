// A real server that says no, in all its ways.
#include "store/redis/redis_world.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

const script set_it = make_script("test/set", "return redis.call('SET', KEYS[1], ARGV[1])");

TEST(redis_store, reports_wrong_type_when_the_key_is_of_another) {
    redis_server server;
    redis_world world(server.url());
    server.cli({"RPUSH", "k", "x"});
    EXPECT_EQ(world.call(count, script_keys("k"), script_args()).error(), errc::wrong_type);
}

TEST(redis_store, reports_script_error_when_the_script_raises) {
    redis_server server;
    redis_world world(server.url());
    const auto boom = make_script("test/boom", "error('boom')");
    const auto torn = make_script("test/torn", "this is not Lua");
    EXPECT_EQ(world.call(boom, script_keys(), script_args()).error(), errc::script_error);
    EXPECT_EQ(world.call(torn, script_keys(), script_args()).error(), errc::script_error);
    EXPECT_EQ(world.call(torn, script_keys(), script_args()).error(), errc::script_error);
}

TEST(redis_store, reports_out_of_memory_when_the_server_is_full) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    server.cli({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(world.call(set_it, script_keys("k"), script_args("v")).error(), errc::out_of_memory);
    EXPECT_TRUE(world.call(echo, script_keys(), script_args("v")).has_value());
}

TEST(redis_store, looks_for_the_leader_again_when_a_replica_answers) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    const auto epoch = world.store->epoch();
    server.cli({"REPLICAOF", "127.0.0.1", std::to_string(free_port())});
    EXPECT_EQ(world.call(set_it, script_keys("k"), script_args("v")).error(), errc::not_leader);
    EXPECT_GT(world.store->epoch(), epoch);
    // Once the connection is a second old it is left for a new one, which may reach the leader.
    while (world.events.kinds.back() != event_kind::store_down && world.events.kinds.size() == 1)
        EXPECT_FALSE(world.call(set_it, script_keys("k"), script_args("v")).has_value());
    server.cli({"REPLICAOF", "NO", "ONE"});
    EXPECT_TRUE(world.call(set_it, script_keys("k"), script_args("v")).has_value());
}

TEST(redis_store, may_be_tried_again_when_another_script_keeps_the_server_busy) {
    redis_server server({"--busy-reply-threshold", "20"});
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    child_process hog(
        {"redis-cli", "-p", std::to_string(server.port()), "EVAL", "while true do end", "0"});
    error_code seen;
    while (!seen) {  // until the hog has begun
        const auto answer = world.call(set_it, script_keys("k"), script_args("v"));
        if (!answer) seen = answer.error();
    }
    EXPECT_EQ(seen, errc::store_unavailable);
    EXPECT_EQ(server.cli({"SCRIPT", "KILL"}), "OK");
    hog.wait();
    EXPECT_TRUE(world.call(set_it, script_keys("k"), script_args("v")).has_value());
}

TEST(redis_store, reports_permission_denied_when_a_rule_is_taken_away) {
    redis_server server;
    server.cli({"ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all"});
    redis_world world("redis://app:pw@127.0.0.1:" + std::to_string(server.port()));
    ASSERT_TRUE(world.start().has_value());
    ASSERT_TRUE(world.call(count, script_keys("k"), script_args()).has_value());
    server.cli({"ACL", "SETUSER", "app", "-incr"});
    EXPECT_EQ(world.call(count, script_keys("k"), script_args()).error(), errc::permission_denied);
    server.cli({"ACL", "SETUSER", "app", "-evalsha"});
    EXPECT_EQ(world.call(count, script_keys("k"), script_args()).error(), errc::permission_denied);
}

}  // namespace
}  // namespace holdfast::test
