// Circles in the wait graph, and locks that are nested in opposite orders.
#include "holdfast/deadlock.hpp"
#include "lock/lock_order.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

name_info held(const std::string& name, const std::string& who, std::vector<std::string> waiters) {
    name_info made{name, lock_family::mutex};
    auto& lock = made.mutex;
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
    return made;
}

struct part {
    std::string who;
    char mode = 's';
    std::uint32_t weight = 1;
};

std::vector<sharing_party> parties(const std::vector<part>& all) {
    std::vector<sharing_party> out;
    for (const auto& one : all) {
        sharing_party made;
        made.who = one.who;
        made.owner = "owner of " + one.who;
        made.mode = one.mode;
        made.weight = one.weight;
        out.push_back(std::move(made));
    }
    return out;
}

name_info shared(const std::string& name, const std::vector<part>& holders,
                 const std::vector<part>& queue) {
    name_info made{name, lock_family::rw};
    made.shares.holders = parties(holders);
    made.shares.queue = parties(queue);
    return made;
}

name_info permits_of(std::uint32_t capacity, const std::string& name,
                     const std::vector<part>& holders, const std::vector<part>& queue) {
    auto made = shared(name, holders, queue);
    made.kind = lock_family::semaphore;
    made.shares.capacity = capacity;
    return made;
}

std::vector<std::string> texts(const std::vector<name_info>& names) {
    std::vector<std::string> all;
    for (const auto& one : find_deadlocks(names)) all.push_back(one.text());
    return all;
}

using lines = std::vector<std::string>;

TEST(deadlocks, are_circles_of_agents) {
    EXPECT_EQ(texts({held("x", "h/1#a", {"h/2#b", "h/4#d"}), held("y", "h/2#b", {"h/1#a"}),
                     held("z", "h/3#c", {"h/1#a"})}),
              lines{"h/1#a waits for y, held by h/2#b; h/2#b waits for x, held by h/1#a"});
}

TEST(deadlocks, of_three_are_found_once) {
    const auto found = find_deadlocks(
        {held("x", "h#a", {"h#c"}), held("y", "h#b", {"h#a"}), held("z", "h#c", {"h#b"})});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].circle.size(), 3U);
}

TEST(deadlocks, apart_from_each_other_are_all_found) {
    EXPECT_EQ(find_deadlocks({held("x", "h#a", {"h#b"}), held("y", "h#b", {"h#a"}),
                              held("v", "h#c", {"h#d", "h#a"}), held("w", "h#d", {"h#c"})})
                  .size(),
              2U);
}

TEST(deadlocks, of_an_agent_with_itself_are_seen) {
    EXPECT_EQ(texts({held("x", "h#a", {"h#a"})}), lines{"h#a waits for x, held by h#a"});
}

TEST(deadlocks, of_an_agent_that_works_in_two_processes_are_seen) {
    EXPECT_EQ(texts({held("x", "h/1#run", {"h/4#h/2#run"}), held("y", "h/2#run", {"h/3#h/1#run"})}),
              lines{"h/1#run waits for y, held by h/2#run; h/2#run waits for x, held by h/1#run"});
}

TEST(deadlocks, are_not_seen_where_nobody_named_himself_or_waits_in_line) {
    EXPECT_TRUE(texts({held("x", "h/1", {"h/2"}), held("y", "h/2", {"h/1"})}).empty());
    EXPECT_TRUE(texts({held("x", "h#a", {"h#b"}), held("y", "h#b", {"h#c"})}).empty());
    EXPECT_TRUE(texts({held("x", "h#a", {"h#b", "h#b"})}).empty());
    auto foreign = held("x", "h#a", {"h#b"});
    foreign.mutex.foreign = true;
    EXPECT_TRUE(texts({foreign, held("y", "h#b", {"h#a"})}).empty());
}

TEST(deadlocks, of_readers_and_writers_go_by_who_excludes_whom) {
    const auto y = held("y", "h#b", {"h#a"});
    EXPECT_TRUE(texts({shared("x", {{"h#a", 'r'}}, {{"h#b", 'r'}}), y}).empty());
    EXPECT_TRUE(texts({shared("x", {{"h#a", 'u'}}, {{"h#b", 'r'}}), y}).empty());
    for (const auto& [has, wants] : {std::pair{'r', 'w'}, {'w', 'r'}, {'w', 'w'}, {'u', 'u'}})
        EXPECT_EQ(texts({shared("x", {{"h#c", 'r'}, {"h#a", has}}, {{"h#b", wants}}), y}),
                  lines{"h#a waits for y, held by h#b; h#b waits for x, held by h#a"});
}

// The reader's second share would fit beside its first, but for the writer that waits.
TEST(deadlocks, of_a_reader_that_asks_again_behind_a_writer_are_seen) {
    EXPECT_EQ(texts({shared("x", {{"h#a", 'r'}}, {{"h#b", 'w'}, {"h#a", 'r'}})}),
              lines{"h#a waits for x, behind h#b; h#b waits for x, held by h#a"});
    EXPECT_TRUE(texts({shared("x", {{"h#a", 'r'}}, {{"h#b", 'w'}, {"h#c", 'r'}})}).empty());
}

// One that holds the intent and waits for its readers to leave.
TEST(deadlocks, of_an_upgrade_are_seen) {
    const auto x = shared("x", {{"h#b", 'r'}, {"h#a", 'U'}}, {});
    const auto y = held("y", "h#a", {"h#b"});
    EXPECT_EQ(texts({x, y}), lines{"h#a waits for x, held by h#b; h#b waits for y, held by h#a"});
    EXPECT_TRUE(texts({x}).empty());
    EXPECT_TRUE(texts({shared("x", {{"h#b", 'r'}, {"h#a", 'u'}}, {}), y}).empty());
    EXPECT_TRUE(texts({shared("x", {{"h#a", 'U'}}, {{"h#b", 'r'}}), y}).empty());
    const auto again = shared("x", {{"h#b", 'r'}, {"h#a", 'U'}}, {{"h#b", 'r'}});
    EXPECT_EQ(texts({again}), lines{"h#a waits for x, held by h#b; h#b waits for x, held by h#a"});
    EXPECT_EQ(texts({shared("x", {{"h#a", 'r'}, {"h#a", 'U'}}, {})}),
              lines{"h#a waits for x, held by h#a"});
}

TEST(deadlocks, of_permits_need_that_too_few_can_come_back) {
    const auto y = held("y", "h#b", {"h#a"});
    const std::vector<part> both{{"h#a", 's', 2}, {"h#c", 's', 1}};
    EXPECT_TRUE(texts({permits_of(3, "x", both, {{"h#b", 's', 1}}), y}).empty());
    EXPECT_EQ(texts({permits_of(3, "x", both, {{"h#b", 's', 2}}), y}),
              lines{"h#a waits for y, held by h#b; h#b waits for x, held by h#a"});
    EXPECT_TRUE(texts({permits_of(3, "x", both, {{"h#b", 's', 4}}), y}).empty());
}

// Small requests behind one that cannot be served wait as long as it does.
TEST(deadlocks, of_permits_hold_those_up_who_stand_behind) {
    EXPECT_EQ(texts({permits_of(3, "x", {{"h#a", 's', 2}}, {{"h#b", 's', 2}, {"h#c", 's', 1}}),
                     held("y", "h#c", {"h#a"})}),
              lines{"h#a waits for y, held by h#c; h#c waits for x, behind h#b; h#b waits for x, "
                    "held by h#a"});
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
