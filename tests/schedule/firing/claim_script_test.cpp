// Every answer of the claim script, on the embedded store and on a real Redis.
#include "schedule/firing/script_world.hpp"

namespace holdfast::test {
namespace {

using schedule::beat;
using schedule::code;

class claim_script : public script_test {};

TEST_P(claim_script, the_first_wins_and_the_others_learn_who) {
    enrol();
    pass(milliseconds{3});
    const auto slot = ask_now();
    const auto won = claim(ask(slot, "aa"));
    EXPECT_EQ(won.what, code::claimed);
    EXPECT_GT(won.number, 1'600'000'000'000'000);  // a new register starts at the clock
    auto late = ask(slot, "bb");
    late.node = "n2";
    const auto lost = claim(late);
    EXPECT_EQ(lost.what, code::taken);
    EXPECT_EQ(lost.who, "n1");
    EXPECT_EQ(lost.last, slot);
}

TEST_P(claim_script, a_repeated_question_gets_the_same_fence) {
    enrol();
    pass(milliseconds{3});
    const auto slot = ask_now();
    const auto first = claim(ask(slot, "aa"));
    pass(milliseconds{2});
    EXPECT_EQ(claim(ask(ask_now(), "cc")).what, code::claimed);  // a later one comes between
    const auto again = claim(ask(slot, "aa"));
    EXPECT_EQ(again.what, code::claimed);
    EXPECT_EQ(again.number, first.number);
}

TEST_P(claim_script, a_fire_time_before_registration_or_twice_is_taken) {
    enrol();
    EXPECT_EQ(claim(ask(now_ - seconds{60})).what, code::taken);
}

TEST_P(claim_script, who_is_behind_records_nothing_as_missed_that_has_run) {
    enrol();
    pass(milliseconds{3});
    const auto first = ask_now();
    EXPECT_EQ(claim(ask(first, "aa")).what, code::claimed);
    pass(milliseconds{3});
    auto late = ask(ask_now(), "bb");
    late.missed = {first, first, 1, "coalesced"};
    const auto answer = claim(late);
    EXPECT_EQ(answer.what, code::behind);
    EXPECT_EQ(answer.last, first);
    late.missed = {};
    EXPECT_EQ(claim(late).what, code::claimed);
}

TEST_P(claim_script, the_stores_clock_says_not_yet) {
    enrol();
    const auto early = claim(ask(ask_now() + seconds{30}));
    EXPECT_EQ(early.what, code::early);
    EXPECT_GT(early.number, 20'000);
    EXPECT_LE(early.number, 30'000);
}

TEST_P(claim_script, both_clocks_must_agree) {
    enrol();
    pass(milliseconds{3});
    auto request = ask(ask_now());
    request.caller_now += minutes{5};
    const auto answer = claim(request);
    EXPECT_EQ(answer.what, code::skew);
    EXPECT_LT(answer.number, -200'000);
    EXPECT_EQ(claim(ask(ask_now())).what, code::claimed);  // nothing was settled by it
}

TEST_P(claim_script, a_floor_repairs_a_register_that_lost_writes) {
    enrol();
    pass(milliseconds{3});
    auto request = ask(ask_now());
    request.floor = request.fire_time;
    const auto answer = claim(request);
    EXPECT_EQ(answer.what, code::taken);
    EXPECT_EQ(answer.last, request.fire_time);
}

TEST_P(claim_script, a_floor_in_the_future_does_not_silence_the_job) {
    enrol();
    pass(milliseconds{3});
    auto request = ask(ask_now());
    request.floor = request.fire_time + hours{5};
    EXPECT_EQ(claim(request).what, code::claimed);
}

TEST_P(claim_script, a_last_fire_time_in_the_future_heals) {
    enrol();
    schedule::registration_request broken{"cron", "a",       0, "n9", ask_now() + hours{5},
                                          false,  hours{10}, 0};
    EXPECT_GT(enrol(broken).last, ask_now() + hours{4});
    const auto healed = claim(ask(ask_now()));
    EXPECT_EQ(healed.what, code::claimed);
    EXPECT_LT(healed.last, ask_now() + seconds{1});
}

TEST_P(claim_script, fences_rise_past_what_the_caller_has_seen) {
    enrol();
    pass(milliseconds{3});
    const auto first = claim(ask(ask_now(), "aa"));
    pass(milliseconds{2});
    const auto second = claim(ask(ask_now(), "bb"));
    EXPECT_EQ(second.number, first.number + 1);
    any_.wipe();
    EXPECT_EQ(claim(ask(ask_now(), "cc")).what, code::missing);
    enrol();
    pass(milliseconds{3});
    auto request = ask(ask_now(), "dd");
    request.highest_fence = static_cast<std::uint64_t>(second.number) + 1'000'000'000'000;
    const auto after_loss = claim(request);
    EXPECT_GT(after_loss.number, second.number + 1'000'000'000'000);
}

TEST_P(claim_script, nothing_happens_to_what_is_not_registered) {
    EXPECT_EQ(generation_, 0);
    EXPECT_EQ(claim(ask(ask_now())).what, code::missing);
    EXPECT_EQ(adopt(ask_adopt("bb")).what, code::missing);
    EXPECT_EQ(world_.run(job_.take(ask(ask_now()))).value().what, code::missing);
    const schedule::missed_batch batch{ask_now(), ask_now(), 1, "misfire"};
    EXPECT_EQ(world_.run(job_.skip(batch, "n1", 0, 100)).value().what, code::missing);
}

TEST_P(claim_script, an_old_generation_is_refused) {
    const auto old = enrol("a").generation;
    const auto later = enrol("b").generation;
    pass(milliseconds{3});
    auto request = ask(ask_now());
    request.generation = old;
    const auto answer = claim(request);
    EXPECT_EQ(answer.what, code::stale);
    EXPECT_EQ(answer.number, later);
}

TEST_P(claim_script, forbid_settles_what_fell_due_during_a_run_that_ended) {
    enrol();
    pass(milliseconds{3});
    const auto first = ask_now();
    auto request = ask(first, "aa");
    request.overlap = "forbid";
    EXPECT_EQ(claim(request).what, code::claimed);
    pass(milliseconds{5});
    request = ask(ask_now(), "bb");
    request.overlap = "forbid";
    const auto busy = claim(request);
    EXPECT_EQ(busy.what, code::overlap);
    EXPECT_EQ(busy.who, "n1");
    EXPECT_EQ(busy.last, first);  // still owed: the run may turn out to be dead
    pass(milliseconds{2});
    EXPECT_EQ(complete("aa", first).what, schedule::completed::done);
    EXPECT_EQ(claim(request).what, code::overlapped);
    pass(milliseconds{2});
    request = ask(ask_now(), "cc");
    request.overlap = "forbid";
    EXPECT_EQ(claim(request).what, code::claimed);
}

constexpr script end_at{"test/end_at", "7459915f9d062a8ad9e89ecb5ab627ecbb856e80",
                        "return redis.call('HSET', KEYS[1], 'done_at', ARGV[1])"};

// A run that began before a step of the clock and ended after it, and then the clock went back.
TEST_P(claim_script, forbid_does_not_go_by_an_end_that_is_still_to_come) {
    enrol();
    pass(milliseconds{3});
    const auto first = ask_now();
    EXPECT_EQ(claim(ask(first, "aa")).what, code::claimed);
    EXPECT_EQ(complete("aa", first).what, schedule::completed::done);
    script_keys keys(any_.get().prefix() + "j:{nightly}");
    script_args args(to_unix_ms(first + hours{1}));
    EXPECT_TRUE(world_.run(any_.get().run(end_at, std::move(keys), std::move(args))));
    pass(milliseconds{3});
    auto request = ask(ask_now(), "bb");
    request.overlap = "forbid";
    EXPECT_EQ(claim(request).what, code::claimed);
}

TEST_P(claim_script, forbid_lets_a_fire_time_run_when_the_earlier_run_died) {
    enrol();
    lease_ = milliseconds{30};
    pass(milliseconds{3});
    auto request = ask(ask_now(), "aa");
    request.overlap = "forbid";
    EXPECT_EQ(claim(request).what, code::claimed);
    pass(milliseconds{40});
    request = ask(ask_now() - milliseconds{20}, "bb");
    request.overlap = "forbid";
    EXPECT_EQ(claim(request).what, code::claimed);
}

TEST_P(claim_script, replace_tells_the_earlier_run_to_stop) {
    enrol();
    pass(milliseconds{3});
    const auto first = claim(ask(ask_now(), "aa"));
    pass(milliseconds{2});
    auto request = ask(ask_now(), "bb");
    request.overlap = "replace";
    EXPECT_EQ(claim(request).what, code::replacing);
    EXPECT_EQ(heartbeat("aa", static_cast<std::uint64_t>(first.number)), beat::stop);
    complete("aa", first.last);
    const auto second = claim(request);
    EXPECT_EQ(second.what, code::claimed);
    EXPECT_EQ(heartbeat("bb", static_cast<std::uint64_t>(second.number)), beat::extended);
}

INSTANTIATE_TEST_SUITE_P(embedded, claim_script, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(redis, claim_script, testing::Values(true));

}  // namespace
}  // namespace holdfast::test
