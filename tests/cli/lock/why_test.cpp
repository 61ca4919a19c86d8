// Chains of holders and waiters, and estimates, from made-up locks.
#include "cli/lock_why.hpp"

#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

name_info made_lock(const std::string& name, const std::string& holder,
                    const std::vector<std::string>& queue) {
    name_info made{name, holder.empty() ? lock_family::none : lock_family::mutex};
    auto& lock = made.mutex;
    lock.name = name;
    lock.held = !holder.empty();
    lock.who = holder;
    lock.held_for = seconds{4};
    lock.ends_in = seconds{26};
    for (const auto& who : queue)
        lock.queue.push_back({"id of " + who, who, seconds{30}, seconds{1}});
    lock.queue_length = queue.size();
    return made;
}

sharing_party party(const std::string& who, char mode, std::uint32_t weight = 1) {
    sharing_party one;
    one.owner = "id of " + who;
    one.who = who;
    one.mode = mode;
    one.weight = weight;
    one.ends_in = seconds{20};
    return one;
}

name_info made_share(lock_family kind, std::vector<sharing_party> holders,
                     std::vector<sharing_party> queue = {}) {
    name_info made{"n", kind};
    for (const auto& one : holders) made.shares.in_use += one.weight;
    made.shares.holder_count = holders.size();
    made.shares.queue_length = queue.size();
    made.shares.holders = std::move(holders);
    made.shares.queue = std::move(queue);
    return made;
}

past_owner held(seconds span) {
    past_owner one;
    one.held_for = span;
    one.how = "released";
    return one;
}

TEST(why, follows_holders_through_the_locks_they_wait_for) {
    const std::vector<name_info> all{made_lock("a", "h/1", {"h/9"}), made_lock("b", "h/2", {"h/1"}),
                                     made_lock("c", "h/3", {"h/7", "h/2"})};
    const auto chain = follow(all, all[0]);
    ASSERT_EQ(chain.links.size(), 3U);
    EXPECT_EQ(chain.links[1].lock.name, "b");
    EXPECT_EQ(chain.links[2].lock.name, "c");
    EXPECT_EQ(chain.links[2].position, 2U);
    EXPECT_FALSE(chain.circular);
}

TEST(why, finds_a_deadlock_of_any_length_and_ends) {
    const auto alone = made_lock("a", "h/1#x", {"h/1#x"});
    EXPECT_EQ(follow({alone}, alone).deadlocks.size(), 1U);
    const std::vector<name_info> all{made_lock("a", "h/1#x", {"h/2#y"}),
                                     made_lock("b", "h/2#y", {"h/1#x"})};
    const auto chain = follow(all, all[0]);
    EXPECT_TRUE(chain.circular);
    EXPECT_EQ(chain.links.size(), 2U);
    const std::string circle = "h/1#x waits for b, held by h/2#y; h/2#y waits for a, held by h/1#x";
    EXPECT_NE(why_text(chain, {}, {}).find("a deadlock: " + circle), std::string::npos);
    const auto json = why_json(chain, {}, {});
    EXPECT_EQ(json.find("{\"deadlock\":true,\"circular\":true,\"deadlocks\":[\"" + circle + "\"],"),
              0U)
        << json;
}

// Two threads of one process may each have one lock and wait for another.
TEST(why, does_not_call_a_deadlock_what_processes_alone_show) {
    const std::vector<name_info> all{made_lock("a", "h/1", {"h/2"}),
                                     made_lock("b", "h/2", {"h/1"})};
    const auto chain = follow(all, all[0]);
    EXPECT_TRUE(chain.circular);
    EXPECT_NE(why_text(chain, {}, {}).find("a deadlock if one and the same thread"),
              std::string::npos);
    EXPECT_EQ(why_json(chain, {}, {}).find("{\"deadlock\":false,\"circular\":true"), 0U);
}

TEST(why, ends_at_a_free_lock_and_at_a_plain_client) {
    const auto free = made_lock("a", "", {});
    EXPECT_EQ(follow({free}, free).links.size(), 1U);
    EXPECT_EQ(why_text(follow({free}, free), {}, {}), "nobody has a\n");
    auto foreign = made_lock("a", "", {"h/1"});
    foreign.mutex.held = foreign.mutex.foreign = true;
    EXPECT_EQ(follow({foreign, made_lock("b", "x", {""})}, foreign).links.size(), 1U);
}

TEST(why, estimates_by_the_middle_of_the_last_holds) {
    const auto lock = made_lock("a", "h/1", {"h/2"}).mutex;  // held for 4 s
    EXPECT_EQ(estimate(lock, {}, 1), std::nullopt);
    const std::vector<past_owner> before{held(seconds{100}), held(seconds{10}), held(seconds{6})};
    EXPECT_EQ(estimate(lock, before, 1), seconds{6});
    EXPECT_EQ(estimate(lock, before, 3), seconds{26});
    EXPECT_EQ(estimate(lock, {held(seconds{1})}, 1), seconds{0});
    EXPECT_EQ(estimate(made_lock("a", "", {}).mutex, before, 1), std::nullopt);
}

TEST(why, follows_the_holders_of_shares_too) {
    auto shared = made_share(lock_family::rw, {party("h/1", 'r'), party("h/2", 'r')});
    const std::vector<name_info> all{shared, made_lock("b", "h/3", {"h/2"})};
    const auto chain = follow(all, shared);
    ASSERT_EQ(chain.links.size(), 2U);
    EXPECT_EQ(chain.links[1].lock.name, "b");
}

// One whose upgrade waits for a reader, and the reader waits for its mutex.
TEST(why, follows_an_upgrade) {
    const auto page = made_share(lock_family::rw, {party("h/1#r", 'r'), party("h/2#w", 'U')});
    const auto house = made_lock("m", "h/2#w", {"h/1#r"});
    const auto chain = follow({page, house}, house);
    ASSERT_EQ(chain.links.size(), 2U);
    EXPECT_EQ(chain.links[1].lock.name, "n");
    EXPECT_EQ(chain.deadlocks,
              std::vector<std::string>{
                  "h/1#r waits for m, held by h/2#w; h/2#w waits for n, held by h/1#r"});
    EXPECT_NE(why_text(chain, {}, {}).find("h/2#w itself waits to write n until its readers"),
              std::string::npos)
        << why_text(chain, {}, {});
}

TEST(why, follows_a_holder_to_a_barrier_and_says_what_it_waits_for) {
    name_info barrier{"b", lock_family::barrier};
    barrier.meeting = {1, 3, 7};
    barrier.shares.queue.push_back(party("h/1", '-'));
    const auto house = made_lock("m", "h/1", {});
    const auto text = why_text(follow({barrier, house}, house), {}, {});
    EXPECT_NE(text.find("\nh/1 itself waits: 1 of 3 parties have not arrived at b, in its "
                        "generation 7\n"),
              std::string::npos)
        << text;
}

struct reason_case {
    name_info lock;
    asker who;
    std::string code;
    std::uint64_t place;
    std::string sentence;
};

void expect(const reason_case& row) {
    const auto why = why_wait(row.lock, row.who);
    EXPECT_EQ(why.sentence, row.sentence);
    EXPECT_EQ(why.code, row.code) << why.sentence;
    EXPECT_EQ(why.place, row.place) << why.sentence;
}

TEST(why, gives_one_reason_for_a_mutex) {
    auto cooling = made_lock("n", "h/1", {});
    cooling.mutex.ends_in = seconds{5};
    cooling.mutex.cool_down = seconds{10};
    auto foreign = made_lock("n", "?", {});
    foreign.mutex.foreign = true;
    foreign.mutex.ends_in.reset();
    const auto busy = made_lock("n", "h/1", {"h/2", "h/3"});
    const std::string held = "h/1 has n since 4s, for another 26s unless extended";
    expect({made_lock("n", "", {}), {}, "free", 0, "nobody has n"});
    expect({made_lock("n", "h/1", {}), {}, "held", 1, held});
    expect({busy, {}, "held", 3, held + ", and 2 wait before you, the last of them h/3"});
    expect({busy, {false, 1, "id of h/3"}, "held", 2, held + ", and h/2 waits before it"});
    expect({busy, {false, 1, "who?"}, "not_waiting", 0, "who? does not wait for n"});
    expect(
        {made_lock("n", "", {"h/2"}), {}, "queued", 2, "nobody has n, and h/2 waits before you"});
    expect({cooling,
            {},
            "cool_down",
            1,
            "the lease of h/1 on n is over, and nobody gets it during the cool-down, for another "
            "5s"});
    expect({foreign,
            {},
            "foreign_holder",
            1,
            "another client has n, without an end, and says nothing when it goes"});
}

TEST(why, gives_one_reason_for_readers_and_writers) {
    const auto rw = lock_family::rw;
    const asker reader{true};
    const auto two = made_share(rw, {party("h/1", 'r'), party("h/2", 'r')});
    const auto stuck = made_share(rw, {party("h/1", 'r')}, {party("h/2", 'w'), party("h/3", 'r')});
    const auto upgrading = made_share(rw, {party("h/1", 'r'), party("h/2", 'u')});
    const auto writing = made_share(rw, {party("h/1", 'w')});
    expect({two, {}, "readers", 1, "2 read n, the last lease ends in 20s unless extended"});
    expect({two, reader, "free", 0,
            "2 read n, the last lease ends in 20s unless extended, and one more may"});
    expect({stuck, reader, "queued", 3,
            "readers may share n, but h/2 waits before to write, and 2 wait before you, the last "
            "of them h/3"});
    expect({stuck,
            {false, 1, "id of h/3"},
            "queued",
            2,
            "readers may share n, but h/2 waits before to write"});
    expect({stuck,
            {false, 1, "id of h/2"},
            "readers",
            1,
            "h/1 reads n, for another 20s unless extended"});
    expect({upgrading,
            {},
            "intent",
            1,
            "2 read n, the last lease ends in 20s unless extended (h/2 means to write)"});
    const auto intents = made_share(rw, {party("h/1", 'u')}, {party("h/2", 'u')});
    expect({intents,
            {false, 1, "id of h/2"},
            "intent",
            1,
            "h/1 reads n, for another 20s unless extended (h/1 means to write)"});
    const auto closing = made_share(rw, {party("h/1", 'r'), party("h/2", 'U')});
    expect({closing, reader, "upgrade", 1,
            "h/2 waits to write n until its readers have left, and nobody is let in before"});
    expect({writing, reader, "writer", 1, "h/1 writes n, for another 20s unless extended"});
}

TEST(why, gives_one_reason_for_permits) {
    const auto kind = lock_family::semaphore;
    auto none = made_share(kind, {});
    auto full = made_share(kind, {party("h/1", 's', 3), party("h/2", 's', 2)});
    auto some = made_share(kind, {party("h/1", 's', 3)}, {party("h/2", 's', 4)});
    full.shares.capacity = some.shares.capacity = 5;
    expect({none, {}, "no_capacity", 0, "no capacity was set for n"});
    expect({full,
            {},
            "permits",
            1,
            "0 of 5 permits of n are free and 1 wanted; 2 hold the others, the first lease ends in "
            "20s unless extended"});
    expect({full, {false, 6}, "capacity", 0, "6 permits of n are never to be had; there are 5"});
    expect({some,
            {},
            "queued",
            2,
            "2 of 5 permits of n are free, but h/2 waits before for 4 permits"});
    expect({some,
            {false, 1, "id of h/2"},
            "permits",
            1,
            "2 of 5 permits of n are free and 4 wanted; 1 holds the others, the first lease ends "
            "in 20s unless extended"});
    some.shares.queue.clear();
    some.shares.queue_length = 0;
    expect({some, {false, 2}, "free", 0, "2 of 5 permits of n are free"});
}

TEST(why, gives_one_reason_for_latches_and_barriers) {
    name_info latch{"n", lock_family::latch}, barrier{"n", lock_family::barrier};
    latch.meeting = {2, 3, 0};
    barrier.meeting = {1, 3, 7};
    expect({latch, {}, "latch", 0, "2 of 3 counts of the latch n are still to come"});
    expect(
        {barrier, {}, "barrier", 0, "1 of 3 parties have not arrived at n, in its generation 7"});
    latch.meeting.missing = 0;
    expect({latch, {}, "free", 0, "the latch n is open"});
}

}  // namespace
}  // namespace holdfast::cli
