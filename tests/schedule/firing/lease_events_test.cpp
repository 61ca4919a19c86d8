// What the journal hears of the leases of runs: they are counted with the locks.
#include "holdfast/lock_metrics.hpp"
#include "schedule/firing/fleet.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::test {
namespace {

/// Work that heeds no stop: it goes on until it is cut off.
struct deaf_work {
    int begun = 0, going_on = 0, most = 0;

    struct presence {
        explicit presence(deaf_work& w) : of(w) {
            ++of.begun;
            of.most = std::max(of.most, ++of.going_on);
        }
        ~presence() { --of.going_on; }
        presence(const presence&) = delete;
        deaf_work& of;
    };
    task<result<void>> on(sim::node& at) {
        const presence here(*this);
        co_await at.sleep_until(at.now() + minutes{5});
        co_return result<void>();
    }
};

struct leases_of_runs : testing::Test {
    instance& start(milliseconds lease, milliseconds span) {
        auto& one = all.add();
        auto spec = all.job(one, "0 * * * * *", span);
        spec.lease = lease;
        spec.on_crash = crash_policy::abandon;
        std::vector<job_spec> jobs{spec};
        one.schedule.replace_jobs(std::move(jobs)).value();
        one.start();
        return one;
    }
    static std::vector<happened> of(const instance& one, event_kind kind) {
        std::vector<happened> found;
        std::ranges::copy_if(one.events.events, std::back_inserter(found),
                             [&](const auto& e) { return e.kind == kind; });
        return found;
    }
    deaf_work work;  // runs that go on when the test is over end with the fleet
    fleet all;
};

TEST_F(leases_of_runs, are_taken_extended_with_their_margin_and_given_back) {
    auto& one = start(seconds{3}, milliseconds{4500});
    all.world.run_for(minutes{2} + seconds{30});
    const auto taken = of(one, event_kind::lease_acquired);
    const auto extended = of(one, event_kind::lease_extended);
    const auto given_back = of(one, event_kind::lease_released);
    ASSERT_GE(taken.size(), 2U);
    EXPECT_EQ(given_back.size(), taken.size());
    EXPECT_EQ(of(one, event_kind::lease_lost).size(), 0U);
    ASSERT_GE(extended.size(), 3 * taken.size());
    for (const auto& each : extended) {
        const auto left = milliseconds{std::stol(each.detail) / 1000};
        EXPECT_GT(left, milliseconds{1900});  // it is extended at a third
        EXPECT_LT(left, milliseconds{2000});
    }
    EXPECT_EQ(taken[0].who, given_back[0].who);
    EXPECT_EQ(taken[0].number, given_back[0].number);

    lock_metrics counts(one.node);
    for (const auto& e : one.events.events)
        counts.record({e.kind, e.subject, e.who, e.number, e.detail});
    const auto page = counts.exposition();
    const auto line =
        "holdfast_lock_margin_seconds_count " + std::to_string(extended.size()) + "\n";
    EXPECT_NE(page.find(line), page.npos) << page;
}

TEST_F(leases_of_runs, are_lost_once_with_a_reason) {
    auto& one = start(seconds{3}, seconds{40});
    all.world.run_for(minutes{1} + seconds{5});
    ASSERT_EQ(of(one, event_kind::lease_acquired).size(), 1U);
    one.faults.away = true;
    all.world.run_for(seconds{30});
    one.faults.away = false;
    all.world.run_for(seconds{20});
    const auto lost = of(one, event_kind::lease_lost);
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].detail, "expired_locally");
    EXPECT_EQ(of(one, event_kind::lease_released).size(), 0U);
}

// The claim is three seconds old when its owner hears of it: questions are repeated ever later.
TEST_F(leases_of_runs, are_not_believed_longer_for_an_answer_that_came_late) {
    const auto add = [&]() -> instance& {
        auto& one = all.add();
        function_work call{"deaf", [this, at = &one.node](job_context&) { return work.on(*at); }};
        job_spec spec(job_name("tick"), "0 * * * * *", std::move(call));
        spec.lease = seconds{5};
        spec.on_crash = crash_policy::rerun;
        std::vector<job_spec> jobs{spec};
        one.schedule.replace_jobs(std::move(jobs)).value();
        one.start();
        return one;
    };
    auto& first = add();
    all.world.run_for(seconds{59});
    first.faults.lose_every = 1;
    all.world.run_for(seconds{3});
    add();
    first.faults.lose_every = 0;
    const auto begun = [&] { return work.begun == 1; };
    ASSERT_TRUE(all.world.run_until(begun, seconds{2}));
    EXPECT_GT(first.faults.calls["schedule/claim"], 1U);
    first.faults.away = true;
    const auto adopted = [&] { return work.begun == 2; };
    ASSERT_TRUE(all.world.run_until(adopted, seconds{10}));
    EXPECT_EQ(work.most, 1);
}

}  // namespace
}  // namespace holdfast::test
