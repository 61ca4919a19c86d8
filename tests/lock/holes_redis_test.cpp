// The holes of a hand-over lock that only a real server can show: cluster slots, memory, access.
#include "lock/lock_keys.hpp"
#include "lock/lock_world.hpp"
#include "lock_scripts.hpp"
#include "support/wait.hpp"

namespace holdfast::test {
namespace {

namespace lua = holdfast::scripts::lock;
using words = std::vector<std::string>;

const std::string holder(32, 'a');
const std::string waiter(32, 'b');

words eval(const script& what, const lock_name& name, std::size_t keys, const words& args) {
    words all{"EVAL", std::string(what.text), std::to_string(keys)};
    const auto every = all_keys_of(name, "hf:").values();
    all.insert(all.end(), every.begin(), every.begin() + static_cast<std::ptrdiff_t>(keys));
    all.insert(all.end(), args.begin(), args.end());
    return all;
}

words acquire(const lock_name& name, const std::string& id, const std::string& ticket) {
    return eval(lua::acquire, name, 4,
                {id, "30000", id + "|30000|host/1|ch", ticket, "0", "0", "3000", "0"});
}

words release(const lock_name& name, const std::string& id) {
    return eval(lua::release, name, 4, {id, "0", "0", "3000", "0"});
}

/// Cluster nodes of one process each. Holdfast does not route in a cluster yet; these cases show
/// that the scripts are fit for one.
class cluster_node {
public:
    // By default the port between nodes is 10,000 higher than a port that may be too high for that.
    cluster_node()
        : bus_(std::to_string(free_port())),
          server_({"--cluster-enabled", "yes", "--cluster-port", bus_}) {}
    std::string cli(words command) const { return server_.cli(std::move(command)); }
    void meet(const cluster_node& other) const {
        cli({"CLUSTER", "MEET", "127.0.0.1", std::to_string(other.server_.port()), other.bus_});
    }
    std::string id() const { return cli({"CLUSTER", "MYID"}); }
    void serve_all() {
        cli({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"});
        EXPECT_TRUE(wait_until([&] {
            return cli({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
        }));
    }

private:
    std::string bus_;
    redis_server server_;
};

TEST(holes_of_a_cluster, h08_all_keys_of_a_lock_lie_in_one_slot) {
    cluster_node node;
    node.serve_all();
    for (const auto* text : {"n", "with space", "x{t}y", "{t}", "a|b"}) {
        const lock_name name(text);
        std::string slot;
        const auto keys = all_keys_of(name, "hf:").values();
        for (const auto& key : keys) {
            const auto its = node.cli({"CLUSTER", "KEYSLOT", key});
            EXPECT_TRUE(slot.empty() || its == slot) << key;
            slot = its;
        }
        // The server itself refuses keys of two slots and keys that were not declared.
        EXPECT_GT(std::stoll(node.cli(acquire(name, holder, "-"))), 0) << text;
        EXPECT_EQ(node.cli(acquire(name, waiter, "")).substr(0, 1), "0") << text;
        EXPECT_EQ(node.cli(release(name, holder)), "1") << text;
        EXPECT_EQ(node.cli(eval(lua::cancel_wait, name, 4, {waiter, "", "0", "0", "3000"})), "0");
    }
    for (const auto* odd : {"a{b", "a}b", "a{}b", "{a}{b}", "{{a}}"})
        EXPECT_FALSE(lock_name::parse(odd)) << odd;
}

TEST(holes_of_a_cluster, h09_an_extension_and_a_drop_are_served_while_the_slot_moves) {
    cluster_node from, to;
    from.serve_all();
    from.meet(to);
    const auto target = to.id();
    EXPECT_TRUE(wait_until([&] {
        return from.cli({"CLUSTER", "NODES"}).find(target) != std::string::npos &&
               from.cli({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
    }));
    const lock_name name("n");
    EXPECT_GT(std::stoll(from.cli(acquire(name, holder, "-"))), 0);
    const lock_name shared("{n}shared");  // in the same slot
    EXPECT_EQ(from.cli({"ZADD", shared.str(), "99999999999999", holder}), "1");
    const auto slot = from.cli({"CLUSTER", "KEYSLOT", "n"});
    EXPECT_EQ(from.cli({"CLUSTER", "SETSLOT", slot, "MIGRATING", target}), "OK");

    // The queue's key is absent, as if it had moved already.
    EXPECT_EQ(from.cli(release(name, holder)).substr(0, 8), "TRYAGAIN");
    EXPECT_EQ(from.cli(eval(lua::extend, name, 1, {holder, "30000"})), "1");
    EXPECT_EQ(from.cli(eval(lua::shared_extend, shared, 1, {holder, "30000", ""})), "1");
    EXPECT_EQ(from.cli(eval(lua::drop, name, 1, {waiter})), "0");
    EXPECT_EQ(from.cli(eval(lua::drop, name, 1, {holder})), "1");
}

class own_redis : public testing::Test {
protected:
    std::string config(const std::string& name, const std::string& value) {
        return server.cli({"CONFIG", "SET", name, value});
    }
    redis_server server;
    lock_fleet fleet{in_redis_at(server)};
};

TEST_F(own_redis, h13_without_memory_nothing_is_half_taken_and_a_release_still_hands_over) {
    const auto held = fleet.take(*fleet.a, "n");
    const auto taken_away = fleet.take(*fleet.a, "broken");
    auto next = fleet.queue(*fleet.b, "n");
    ASSERT_EQ(config("maxmemory", "1"), "OK");
    EXPECT_EQ(fleet.try_take(*fleet.b, "m"), errc::out_of_memory);
    const lock_name name("broken");
    const auto bar = fleet.run(fleet.a->locks.force_break(name));
    ASSERT_TRUE(bar);
    EXPECT_GE(*bar, taken_away.fence());
    EXPECT_TRUE(fleet.run(fleet.a->locks.extend(held)));
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    fleet.until([&] { return next->done(); });
    ASSERT_TRUE(*next->got);
    EXPECT_GT((*next->got)->fence(), held.fence());
    EXPECT_TRUE(fleet.give(*fleet.b, **next->got));
    ASSERT_EQ(config("maxmemory", "0"), "OK");
    EXPECT_FALSE(fleet.look("n").held);
    EXPECT_FALSE(fleet.look("m").held);
    EXPECT_EQ(fleet.raw({"EXISTS", "m", "hf:q:{m}:m", "hf:m:{m}:m"}).as_integer(), 0);
}

// A server that grants PUBLISH to nobody: the grant stands all the same, and is found by heartbeat.
TEST_F(own_redis, h13_a_release_without_the_right_to_publish_is_not_half_done) {
    server.cli({"ACL", "SETUSER", "mute", "on", ">pw", "~*", "+@all", "resetchannels"});
    const auto held = fleet.take(*fleet.a, "n");
    auto next = fleet.queue(*fleet.b, "n", milliseconds{600});
    auto command = release(lock_name("n"), held.owner().str());
    command.insert(command.begin(), {"--user", "mute", "--pass", "pw", "--no-auth-warning"});
    EXPECT_EQ(server.cli(command), "1");
    fleet.until([&] { return next->done(); });
    ASSERT_TRUE(*next->got);
    EXPECT_GT((*next->got)->fence(), held.fence());
}

TEST_F(own_redis, h21_forgotten_scripts_are_sent_again_within_the_call) {
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(server.cli({"SCRIPT", "FLUSH"}), "OK");
        auto held = fleet.take(*fleet.a, "n");
        auto next = fleet.queue(*fleet.b, "n");
        EXPECT_EQ(server.cli({"SCRIPT", "FLUSH"}), "OK");
        held = fleet.run(fleet.a->locks.extend(held)).value();
        EXPECT_TRUE(fleet.give(*fleet.a, held));
        fleet.until([&] { return next->done(); });
        ASSERT_TRUE(*next->got);
        EXPECT_TRUE(fleet.give(*fleet.b, **next->got));
    }
}

}  // namespace
}  // namespace holdfast::test
