// Chains of holders and waiters, and estimates, from made-up locks.
#include "cli/lock_why.hpp"

#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

lock_info made_lock(const std::string& name, const std::string& holder,
                    const std::vector<std::string>& queue) {
    lock_info lock{name};
    lock.held = !holder.empty();
    lock.who = holder;
    lock.held_for = seconds{4};
    for (const auto& who : queue) lock.queue.push_back({"id", who, seconds{30}, seconds{1}});
    lock.queue_length = queue.size();
    return lock;
}

past_owner held(seconds span) {
    past_owner one;
    one.held_for = span;
    one.how = "released";
    return one;
}

TEST(why, follows_holders_through_the_locks_they_wait_for) {
    const std::vector<lock_info> all{made_lock("a", "h/1", {"h/9"}), made_lock("b", "h/2", {"h/1"}),
                                     made_lock("c", "h/3", {"h/7", "h/2"})};
    const auto chain = follow(all, all[0]);
    ASSERT_EQ(chain.links.size(), 3U);
    EXPECT_EQ(chain.links[1].lock.name, "b");
    EXPECT_EQ(chain.links[2].lock.name, "c");
    EXPECT_EQ(chain.links[2].position, 2U);
    EXPECT_FALSE(chain.circular);
}

TEST(why, finds_a_deadlock_of_any_length_and_ends) {
    const auto alone = made_lock("a", "h/1", {"h/1"});
    EXPECT_TRUE(follow({alone}, alone).circular);
    const std::vector<lock_info> all{made_lock("a", "h/1", {"h/2"}),
                                     made_lock("b", "h/2", {"h/1"})};
    const auto chain = follow(all, all[0]);
    EXPECT_TRUE(chain.circular);
    EXPECT_EQ(chain.links.size(), 2U);
    EXPECT_NE(why_text(chain, {}).find("a deadlock"), std::string::npos);
    EXPECT_NE(why_json(chain, {}).find("{\"deadlock\":true"), std::string::npos);
}

TEST(why, ends_at_a_free_lock_and_at_a_plain_client) {
    const auto free = made_lock("a", "", {});
    EXPECT_EQ(follow({free}, free).links.size(), 1U);
    EXPECT_EQ(why_text(follow({free}, free), {}), "nobody has a\n");
    auto foreign = made_lock("a", "", {"h/1"});
    foreign.held = foreign.foreign = true;
    EXPECT_EQ(follow({foreign, made_lock("b", "x", {""})}, foreign).links.size(), 1U);
}

TEST(why, estimates_by_the_middle_of_the_last_holds) {
    const auto lock = made_lock("a", "h/1", {"h/2"});  // held for 4 s
    EXPECT_EQ(estimate(lock, {}, 1), std::nullopt);
    const std::vector<past_owner> before{held(seconds{100}), held(seconds{10}), held(seconds{6})};
    EXPECT_EQ(estimate(lock, before, 1), seconds{6});
    EXPECT_EQ(estimate(lock, before, 3), seconds{26});
    EXPECT_EQ(estimate(lock, {held(seconds{1})}, 1), seconds{0});
    EXPECT_EQ(estimate(made_lock("a", "", {}), before, 1), std::nullopt);
}

}  // namespace
}  // namespace holdfast::cli
