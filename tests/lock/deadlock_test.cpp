// Circles in the wait graph, and locks that are nested in opposite orders.
#include "holdfast/deadlock.hpp"
#include "lock/lock_order.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

lock_info held(const std::string& name, const std::string& who, std::vector<std::string> waiters) {
    lock_info lock;
    lock.name = name;
    lock.held = true;
    lock.who = who;
    lock.owner = name + "-owner";
    for (auto& each : waiters) {
        lock_waiter waiter;
        waiter.who = std::move(each);
        waiter.owner = name + "-waiter";
        lock.queue.push_back(std::move(waiter));
    }
    return lock;
}

TEST(deadlocks, are_circles_of_agents) {
    const auto found =
        find_deadlocks({held("x", "h/1#a", {"h/2#b", "h/4#d"}), held("y", "h/2#b", {"h/1#a"}),
                        held("z", "h/3#c", {"h/1#a"})});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].text(),
              "h/1#a waits for y, held by h/2#b; h/2#b waits for x, held by h/1#a");
}

TEST(deadlocks, of_three_are_found_once) {
    const auto found = find_deadlocks(
        {held("x", "h#a", {"h#c"}), held("y", "h#b", {"h#a"}), held("z", "h#c", {"h#b"})});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].circle.size(), 3U);
}

TEST(deadlocks, of_an_agent_with_itself_are_seen) {
    const auto found = find_deadlocks({held("x", "h#a", {"h#a"})});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].text(), "h#a waits for x, held by h#a");
}

TEST(deadlocks, are_not_seen_where_nobody_named_himself_or_waits_in_line) {
    EXPECT_TRUE(find_deadlocks({held("x", "h/1", {"h/2"}), held("y", "h/2", {"h/1"})}).empty());
    EXPECT_TRUE(find_deadlocks({held("x", "h#a", {"h#b"}), held("y", "h#b", {"h#c"})}).empty());
    auto foreign = held("x", "h#a", {"h#b"});
    foreign.foreign = true;
    EXPECT_TRUE(find_deadlocks({foreign, held("y", "h#b", {"h#a"})}).empty());
}

struct notes final : journal {
    void record(const event& e) override {
        seen.push_back(std::string(e.who) + " took " + std::string(e.subject) + " after " +
                       std::string(e.detail));
    }
    std::vector<std::string> seen;
};

struct agents {
    notes events;
    lock_orders orders{events, true};
    unsigned char next = 0;

    lease take(const std::string& agent, const std::string& name) {
        char hex[33];
        std::snprintf(hex, sizeof hex, "%032x", ++next);
        lease got(lock_name(name), owner_id::parse(hex).value(), fencing_token(1),
                  lease_ttl(seconds{1}), {});
        orders.taken(agent, got);
        return got;
    }
};

TEST(lock_orders, warn_once_of_opposite_orders_although_nobody_waited) {
    agents here;
    for (int i = 0; i < 2; ++i) {
        const auto a = here.take("one", "a");
        const auto b = here.take("one", "b");
        here.orders.left(a);
        here.orders.left(b);
        const auto b2 = here.take("two", "b");
        const auto a2 = here.take("two", "a");
        here.orders.left(a2);
        here.orders.left(b2);
    }
    EXPECT_EQ(here.events.seen, (std::vector<std::string>{"two took a after b"}));
}

TEST(lock_orders, see_circles_over_several_locks) {
    agents here;
    for (const auto& [outer, inner] : {std::pair{"a", "b"}, {"b", "c"}, {"c", "a"}}) {
        const auto first = here.take("one", outer);
        const auto second = here.take("one", inner);
        here.orders.left(second);
        here.orders.left(first);
    }
    EXPECT_EQ(here.events.seen, (std::vector<std::string>{"one took a after c"}));
}

TEST(lock_orders, are_silent_about_one_order_and_about_agents_without_a_name) {
    agents here;
    for (const auto* agent : {"one", "two"}) {
        const auto a = here.take(agent, "a");
        const auto b = here.take(agent, "b");
        here.orders.left(a);
        here.orders.left(b);
    }
    const auto b = here.take("", "b");
    const auto a = here.take("", "a");
    here.orders.left(a);
    here.orders.left(b);
    EXPECT_TRUE(here.events.seen.empty());
}

}  // namespace
}  // namespace holdfast
