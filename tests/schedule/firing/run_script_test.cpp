// Leases, adoption, completion, manual runs and registration, on both stores.
#include "schedule/firing/script_world.hpp"

namespace holdfast::test {
namespace {

using schedule::beat;
using schedule::code;
using schedule::completed;

class run_script : public script_test {
protected:
    schedule::firing_answer claim_now(std::string token, milliseconds lease) {
        pass(milliseconds{2});
        auto request = ask(ask_now(), std::move(token));
        request.lease = lease;
        return claim(request);
    }
};

TEST_P(run_script, completing_twice_is_done_twice_and_recorded_once) {
    enrol();
    const auto run = claim_now("aa", seconds{60});
    EXPECT_TRUE(start("aa"));
    EXPECT_TRUE(start("aa"));
    EXPECT_EQ(complete("aa", run.last).what, completed::done);
    EXPECT_EQ(complete("aa", run.last).what, completed::done);
    EXPECT_EQ(heartbeat("aa", static_cast<std::uint64_t>(run.number)), beat::lost);
}

// Its owner may have asked for it several times, and knows only when it asks to begin.
TEST_P(run_script, the_lease_is_counted_from_the_beginning_of_the_work) {
    enrol();
    claim_now("aa", seconds{60});
    lease_ = minutes{10};
    const auto before = ask_now();
    EXPECT_TRUE(start("aa"));
    const auto ends = from_unix_ms(adopt(ask_adopt("bb")).number);
    EXPECT_GE(ends, before + lease_);
    EXPECT_LE(ends, ask_now() + lease_);
}

TEST_P(run_script, nothing_begins_under_a_lease_that_has_ended) {
    enrol();
    claim_now("aa", milliseconds{20});
    pass(milliseconds{30});
    EXPECT_FALSE(start("aa"));
    EXPECT_EQ(adopt(ask_adopt("bb")).what, code::adopted);
}

TEST_P(run_script, a_failed_attempt_goes_on_under_a_new_fence) {
    enrol();
    const auto run = claim_now("aa", seconds{60});
    const auto next = complete("aa", run.last, "bb");
    EXPECT_EQ(next.what, completed::next);
    EXPECT_GT(next.fence, static_cast<std::uint64_t>(run.number));
    EXPECT_EQ(complete("aa", run.last, "bb").fence, next.fence);
    EXPECT_EQ(heartbeat("aa", static_cast<std::uint64_t>(run.number)), beat::lost);
    EXPECT_EQ(heartbeat("bb", next.fence), beat::extended);
    EXPECT_EQ(complete("bb", run.last).what, completed::done);
}

TEST_P(run_script, an_expired_run_that_had_not_begun_is_handed_on) {
    enrol();
    const auto run = claim_now("aa", milliseconds{20});
    EXPECT_EQ(adopt(ask_adopt("bb")).what, code::none);
    pass(milliseconds{30});
    const auto adopted = adopt(ask_adopt("bb"));
    EXPECT_EQ(adopted.what, code::adopted);
    EXPECT_EQ(adopted.last, run.last);
    EXPECT_EQ(adopted.attempt, 2u);
    EXPECT_EQ(adopted.who, "n1");
    EXPECT_GT(adopted.number, run.number);
    EXPECT_EQ(adopt(ask_adopt("bb")).number, adopted.number);  // a lost reply costs nothing
    EXPECT_EQ(adopt(ask_adopt("cc")).what, code::none);
    // The first owner wakes up: every word of its own is refused, also a late repeat of its claim.
    EXPECT_FALSE(start("aa"));
    EXPECT_EQ(heartbeat("aa", static_cast<std::uint64_t>(run.number)), beat::lost);
    EXPECT_EQ(complete("aa", run.last).what, completed::lost);
    EXPECT_EQ(claim(ask(run.last, "aa")).what, code::taken);
}

TEST_P(run_script, abandon_does_not_repeat_what_had_begun) {
    enrol();
    lease_ = milliseconds{200};
    claim_now("aa", lease_);
    EXPECT_TRUE(start("aa"));
    pass(milliseconds{250});
    EXPECT_EQ(adopt(ask_adopt("bb")).what, code::abandoned);
    EXPECT_EQ(adopt(ask_adopt("bb")).what, code::none);
}

TEST_P(run_script, rerun_repeats_what_had_begun_but_not_for_ever) {
    enrol();
    lease_ = milliseconds{200};
    claim_now("aa", lease_);
    EXPECT_TRUE(start("aa"));
    pass(milliseconds{250});
    auto request = ask_adopt("bb", "rerun");
    request.max_attempts = 2;
    EXPECT_EQ(adopt(request).what, code::adopted);
    EXPECT_TRUE(start("bb"));
    pass(milliseconds{250});
    request.token = "cc";
    EXPECT_EQ(adopt(request).what, code::abandoned);
}

TEST_P(run_script, adoption_respects_overlap_and_the_start_deadline) {
    enrol();
    claim_now("aa", milliseconds{20});
    claim_now("ll", seconds{60});
    pass(milliseconds{30});
    auto request = ask_adopt("bb");
    request.overlap = "forbid";
    EXPECT_EQ(adopt(request).what, code::busy);
    request.start_deadline = milliseconds{10};
    EXPECT_EQ(adopt(request).what, code::abandoned);
}

TEST_P(run_script, a_released_run_is_adopted_at_once) {
    enrol();
    claim_now("aa", seconds{60});
    EXPECT_TRUE(world_.run(job_.release("aa")));
    EXPECT_EQ(adopt(ask_adopt("bb")).what, code::adopted);
    EXPECT_TRUE(world_.run(job_.release("aa")));  // too late, and harmless
    EXPECT_EQ(adopt(ask_adopt("cc")).what, code::none);
}

TEST_P(run_script, skipping_settles_once) {
    enrol();
    pass(milliseconds{3});
    const schedule::missed_batch batch{ask_now(), ask_now(), 7, "misfire"};
    const auto skip = [&](std::string node) {
        return world_.run(job_.skip(batch, std::move(node), 1, 100)).value();
    };
    EXPECT_EQ(skip("n1").what, code::settled);
    EXPECT_EQ(skip("n2").what, code::taken);
    EXPECT_EQ(claim(ask(batch.newest)).what, code::taken);
}

TEST_P(run_script, skipping_settles_nothing_that_has_run) {
    enrol();
    pass(milliseconds{3});
    const auto first = ask_now();
    EXPECT_EQ(claim(ask(first)).what, code::claimed);
    pass(milliseconds{3});
    const schedule::missed_batch batch{first, ask_now(), 2, "misfire"};
    const auto answer = world_.run(job_.skip(batch, "n2", 1, 100)).value();
    EXPECT_EQ(answer.what, code::behind);
    EXPECT_EQ(answer.last, first);
}

TEST_P(run_script, registration_is_idempotent_and_versioned) {
    const auto first = enrol("a");
    EXPECT_TRUE(first.created);
    EXPECT_EQ(first.last, first.store_now);  // nothing from before is owed
    const auto again = enrol("a");
    EXPECT_FALSE(again.created);
    EXPECT_EQ(again.generation, 1);
    EXPECT_EQ(again.last, first.last);
    EXPECT_EQ(enrol("b", 5).generation, 2);
    EXPECT_EQ(enrol("c", 4).what, code::stale);
    EXPECT_EQ(enrol("c", 5).generation, 3);
}

// Seen and own generation as an instance knows them: of two definitions, the last to come stays.
TEST_P(run_script, an_instance_joins_its_own_definition_and_gives_way_to_a_later_one) {
    const auto as = [&](std::string definition, std::int64_t seen, std::int64_t own,
                        std::uint64_t version = 0) {
        schedule::registration_request request{"cron", std::move(definition), version, "n1", {},
                                               false,  milliseconds{2000},    seen,    own};
        return enrol(std::move(request));
    };
    enrol("old");
    EXPECT_EQ(as("old", 1, 1).generation, 1);
    EXPECT_EQ(enrol("new").generation, 2);  // a fresh instance decides
    EXPECT_EQ(as("old", 1, 1).what, code::stale);
    EXPECT_EQ(as("old", 2, 1).what, code::stale);
    EXPECT_EQ(as("old", 2, 1, 1).generation, 3);  // an explicit version says which is newer
    EXPECT_EQ(as("new", 2, 2, 1).what, code::stale);
    any_.wipe();
    EXPECT_EQ(as("new", 3, 2, 1).what, code::stale);  // nor may who gave way put its own back
    EXPECT_EQ(as("old", 3, 3, 1).generation, 4);
    EXPECT_EQ(as("old", 3, 3, 1).generation, 4);  // another of the same kind joins
}

TEST_P(run_script, run_on_start_owes_one_fire_time_once) {
    schedule::registration_request request{
        "cron", "a", 0, "n1", wall_time{}, true, milliseconds{2000}, 0};
    const auto a = enrol(request);
    EXPECT_EQ(a.first, a.store_now);
    EXPECT_LT(a.last, a.first);
    EXPECT_EQ(enrol(request).first, a.first);
    EXPECT_EQ(claim(ask(a.first)).what, code::claimed);
    EXPECT_EQ(claim(ask(a.first, "bb")).what, code::taken);
}

INSTANTIATE_TEST_SUITE_P(embedded, run_script, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(redis, run_script, testing::Values(true));

}  // namespace
}  // namespace holdfast::test
