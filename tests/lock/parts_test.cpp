// The small pure parts: key names, fence floors, when a waiter asks again.
#include "lock/fence_floors.hpp"
#include "lock/lock_keys.hpp"
#include "lock/wait_plan.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using strings = std::vector<std::string>;

TEST(lock_keys, share_the_hash_tag_of_the_lock) {
    EXPECT_EQ(all_keys_of(lock_name("a b"), "hf:").values(),
              (strings{"a b", "hf:q:{a b}:a b", "hf:f:{a b}:a b", "hf:m:{a b}:a b"}));
    EXPECT_EQ(all_keys_of(lock_name("x{t}y"), "").values(),
              (strings{"x{t}y", "q:{t}:x{t}y", "f:{t}:x{t}y", "m:{t}:x{t}y"}));
}

TEST(lock_keys, are_not_lock_names_themselves) {
    EXPECT_TRUE(is_side_key(lock_name("hf:q:{a}:a"), "hf:"));
    EXPECT_TRUE(is_side_key(lock_name("hf:f:{a}:a"), "hf:"));
    EXPECT_FALSE(is_side_key(lock_name("hf:qa"), "hf:"));
    EXPECT_FALSE(is_side_key(lock_name("q:{a}:a"), "hf:"));
}

TEST(lock_keys, lead_back_to_the_lock) {
    EXPECT_EQ(lock_of_side_key("hf:m:{a}:a", "hf:"), lock_name("a"));
    EXPECT_EQ(lock_of_side_key("hf:q:{t}:x{t}y", "hf:"), lock_name("x{t}y"));
    for (const auto* other : {"hf:f:{a}:a", "xx:m:{a}:a", "hf:m:{b}:a", "hf:m:{a}:", "hf:m:", "a"})
        EXPECT_EQ(lock_of_side_key(other, "hf:"), std::nullopt) << other;
    EXPECT_EQ(side_key_pattern("h*[f]:"), "h\\*\\[f\\]:[mqsg]:{*");
}

TEST(fence_floors, ask_for_a_raise_once_an_epoch) {
    fence_floors floors(10);
    const lock_name a("a");
    EXPECT_TRUE(floors.of(a, 1).raise);
    floors.learn(a, 1, fencing_token(7));
    EXPECT_FALSE(floors.of(a, 1).raise);
    EXPECT_EQ(floors.of(a, 1).highest, fencing_token(7));
    EXPECT_TRUE(floors.of(a, 2).raise);
    EXPECT_EQ(floors.of(a, 2).highest, fencing_token(7));
    floors.distrust(a);
    EXPECT_TRUE(floors.of(a, 1).raise);
}

TEST(fence_floors, never_sink) {
    fence_floors floors(10);
    floors.learn(lock_name("a"), 1, fencing_token(7));
    floors.learn(lock_name("a"), 2, fencing_token(5));
    EXPECT_EQ(floors.of(lock_name("a"), 2).highest, fencing_token(7));
}

TEST(fence_floors, forget_the_lock_used_least_recently) {
    fence_floors floors(2);
    floors.learn(lock_name("a"), 1, fencing_token(1));
    floors.learn(lock_name("b"), 1, fencing_token(1));
    floors.learn(lock_name("a"), 1, fencing_token(2));
    floors.learn(lock_name("c"), 1, fencing_token(1));
    EXPECT_EQ(floors.size(), 2U);
    EXPECT_FALSE(floors.of(lock_name("a"), 1).raise);
    EXPECT_TRUE(floors.of(lock_name("b"), 1).raise);
}

struct question {
    const char* name;
    wait_view view;
    milliseconds lease;
    milliseconds wait;
};

TEST(wait_plan, asks_again) {
    const question table[] = {
        {"at once when nobody holds it", {0, -2, false, 0}, milliseconds{3000}, milliseconds{0}},
        {"after a third of the lease", {3, 100, false, 0}, milliseconds{3000}, milliseconds{1000}},
        {"never later than 10 s", {3, -1, false, 0}, hours{1}, milliseconds{10000}},
        {"never in a busy loop", {3, 9, false, 0}, milliseconds{5}, milliseconds{20}},
        {"at the head, when the lease ends", {0, 400, false, 0}, seconds{3}, milliseconds{401}},
        {"at the head, by heartbeat if that is earlier",
         {0, 9000, false, 0},
         seconds{3},
         seconds{1}},
        {"at the head, if the holder never ends", {0, -1, false, 0}, seconds{3}, seconds{1}},
        {"soon if the head faces a foreign holder", {0, -1, true, 0}, hours{1}, milliseconds{10}},
        {"with back-off", {0, -1, true, 3}, hours{1}, milliseconds{80}},
        {"with a bound on the back-off", {0, -1, true, 60}, hours{1}, seconds{1}},
        {"by heartbeat behind a foreign holder", {1, -1, true, 0}, seconds{3}, seconds{1}},
    };
    for (const auto& row : table)
        EXPECT_EQ(until_next_question(row.view, lease_ttl(row.lease)), row.wait) << row.name;
}

TEST(wait_plan, estimates_the_wait_from_the_mean_turn) {
    EXPECT_EQ(estimated_wait({2, 9000, false, 0, -1, 100}), std::nullopt);
    EXPECT_EQ(estimated_wait({0, 9000, false, 0, 30000, 10}), milliseconds{20});
    EXPECT_EQ(estimated_wait({2, 9000, false, 0, 30000, 10}), milliseconds{80});
    EXPECT_EQ(estimated_wait({1, 9000, false, 0, 30000, 5000}), milliseconds{30});
    EXPECT_EQ(estimated_wait({-1, 9000, false, 0, 30000, 5000}), std::nullopt);
}

TEST(wait_plan, backs_off_from_a_store_in_trouble) {
    EXPECT_EQ(retry_delay(1), milliseconds{10});
    EXPECT_EQ(retry_delay(2), milliseconds{20});
    EXPECT_EQ(retry_delay(1000), seconds{1});
}

}  // namespace
}  // namespace holdfast
