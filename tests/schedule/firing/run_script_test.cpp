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

// Nobody heard of the failure for so long that the lease ended and a later fire time was claimed.
TEST_P(run_script, the_next_attempt_waits_for_a_run_that_was_let_in_meanwhile) {
    enrol();
    const auto claim_alone = [&](std::string token, milliseconds lease) {
        pass(milliseconds{3});
        auto request = ask(ask_now(), std::move(token));
        request.overlap = "forbid";
        request.lease = lease;
        return claim(request);
    };
    const auto adopt_alone = [&](std::string token) {
        auto request = ask_adopt(std::move(token));
        request.overlap = "forbid";
        return adopt(request);
    };
    const auto first = claim_alone("aa", seconds{60});
    EXPECT_EQ(first.what, code::claimed);
    EXPECT_TRUE(start("aa"));
    lease_ = milliseconds{20};
    EXPECT_EQ(heartbeat("aa", static_cast<std::uint64_t>(first.number)), beat::extended);
    pass(milliseconds{30});
    const auto second = claim_alone("cc", seconds{60});
    EXPECT_EQ(second.what, code::claimed);
    EXPECT_EQ(complete("aa", first.last, "bb").what, completed::done);
    EXPECT_EQ(complete("aa", first.last, "bb").what, completed::done);
    EXPECT_EQ(adopt_alone("dd").what, code::busy);
    EXPECT_EQ(complete("cc", second.last).what, completed::done);
    const auto adopted = adopt_alone("dd");
    EXPECT_EQ(adopted.what, code::adopted);
    EXPECT_EQ(adopted.last, first.last);
    EXPECT_GT(adopted.number, second.number);
    EXPECT_EQ(complete("aa", first.last, "bb").what, completed::done);  // and it is known as ended
}

TEST_P(run_script, a_run_that_was_replaced_has_no_next_attempt) {
    enrol();
    overlap_ = "replace";
    const auto first = claim_now("aa", seconds{60});
    lease_ = milliseconds{20};
    EXPECT_EQ(heartbeat("aa", static_cast<std::uint64_t>(first.number)), beat::extended);
    pass(milliseconds{30});
    const auto second = claim_now("cc", seconds{60});
    EXPECT_EQ(complete("aa", first.last, "bb").what, completed::done);
    EXPECT_EQ(complete("cc", second.last).what, completed::done);
    EXPECT_EQ(adopt(ask_adopt("dd")).what, code::none);
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
        return world_.run(job_.skip(batch, std::move(node), generation_, 100)).value();
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
    const auto answer = world_.run(job_.skip(batch, "n2", generation_, 100)).value();
    EXPECT_EQ(answer.what, code::behind);
    EXPECT_EQ(answer.last, first);
}

TEST_P(run_script, registration_is_idempotent_and_versioned) {
    const auto first = enrol("a");
    EXPECT_TRUE(first.created);
    EXPECT_EQ(first.last, first.store_now);  // nothing from before is owed
    const auto again = enrol("a");
    EXPECT_FALSE(again.created);
    EXPECT_EQ(again.generation, first.generation);
    EXPECT_EQ(again.last, first.last);
    const auto later = enrol("b", 5);
    EXPECT_GT(later.generation, first.generation);
    EXPECT_EQ(enrol("c", 4).what, code::stale);
    EXPECT_GT(enrol("c", 5).generation, later.generation);
}

// Seen and own generation as an instance knows them: of two definitions, the last to come stays.
class definitions : public script_test {
protected:
    schedule::registration_answer as(std::string definition, std::int64_t seen, std::int64_t own,
                                     std::uint64_t version = 0) {
        schedule::registration_request request{
            "cron", std::move(definition), version, "n1", wall_time{},
            false,  milliseconds{2000},    seen,    own,  anchor_};
        return enrol(std::move(request));
    }
    const wall_time anchor_ = from_unix_ms(1'700'000'000'123);
};

TEST_P(definitions, an_instance_joins_its_own_and_gives_way_to_a_later_one) {
    const auto old = enrol("old").generation;
    EXPECT_EQ(as("old", old, old).generation, old);
    const auto fresh = enrol("new").generation;  // a fresh instance decides
    EXPECT_GT(fresh, old);
    EXPECT_EQ(as("old", old, old).what, code::stale);
    EXPECT_EQ(as("old", fresh, old).what, code::stale);
    const auto ranked = as("old", fresh, old, 1).generation;  // a version says which is newer
    EXPECT_GT(ranked, fresh);
    EXPECT_EQ(as("new", fresh, fresh, 1).what, code::stale);
    any_.wipe();
    EXPECT_EQ(as("new", ranked, fresh, 1).what, code::stale);  // nor may who gave way come back
    EXPECT_EQ(as("old", ranked, ranked, 1).generation, ranked);
    EXPECT_EQ(as("old", ranked, ranked, 1).generation, ranked);  // another of its kind joins
}

// Who had not heard of the new one puts the old one back: they are never of one generation.
TEST_P(definitions, of_two_after_a_loss_of_data_the_last_to_come_stays) {
    const auto old = enrol("old").generation;
    const auto fresh = enrol("new").generation;
    any_.wipe();
    EXPECT_EQ(as("old", old, old).generation, old);
    auto later = ask(ask_now());
    later.generation = fresh;
    EXPECT_EQ(claim(later).what, code::missing);
    EXPECT_EQ(as("new", fresh, fresh).generation, fresh);
    EXPECT_EQ(as("old", old, old).what, code::stale);
}

TEST_P(definitions, a_fresh_instance_after_a_loss_of_data_is_the_last_to_come) {
    const auto old = enrol("old").generation;
    any_.wipe();
    const auto fresh = enrol("new").generation;
    EXPECT_GT(fresh, old);
    EXPECT_EQ(as("old", old, old).what, code::stale);
}

// Fire times of @every are counted from the anchor: one generation, one grid.
TEST_P(definitions, what_is_put_back_has_the_anchor_that_it_had) {
    const auto old = enrol("old").generation;
    any_.wipe();
    EXPECT_EQ(as("old", old, old).anchor, anchor_);
    const auto again = enrol("old");  // a fresh instance learns it
    EXPECT_EQ(again.anchor, anchor_);
    EXPECT_EQ(again.generation, old);
}

// A register that was rolled back to the same text of long ago is not what is out there now.
TEST_P(definitions, a_register_that_went_back_gets_its_generation_again) {
    const auto first = enrol("old").generation;
    const auto own = first + 5'000'000;
    EXPECT_EQ(as("old", own, own).generation, own);
    EXPECT_EQ(as("new", own - 1, own - 1).what, code::stale);
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

INSTANTIATE_TEST_SUITE_P(embedded, definitions, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(redis, definitions, testing::Values(true));
INSTANTIATE_TEST_SUITE_P(embedded, run_script, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(redis, run_script, testing::Values(true));

}  // namespace
}  // namespace holdfast::test
