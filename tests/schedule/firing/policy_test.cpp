// Policies of one job in virtual time: overlap, retries, timeout, misfire, jitter, drain, reload.
#include "schedule/decide.hpp"
#include "schedule/firing/fleet.hpp"
#include "schedule/job_admin.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace holdfast::test {
namespace {

struct policies : testing::Test {
    instance& start(std::string schedule, milliseconds span,
                    const std::function<void(job_spec&)>& change = {}) {
        auto& one = all.add();
        auto spec = all.job(one, std::move(schedule), span);
        if (change) change(spec);
        std::vector<job_spec> jobs{spec};
        one.schedule.replace_jobs(std::move(jobs)).value();
        one.start();
        return one;
    }
    schedule::job_history history() {
        schedule::job_history found;
        auto read = [&]() -> task<void> {
            const schedule::history_query query{wall_time{}, all.world.wall_now() + hours{1}, 1000};
            found = (co_await schedule::read_history(all.desk_store, name, query)).value();
        };
        all.desk.spawn(read());
        all.world.run_for(milliseconds{1});
        return found;
    }
    std::size_t outcomes(std::string_view outcome) {
        const auto found = history();
        return static_cast<std::size_t>(std::count_if(
            found.entries.begin(), found.entries.end(),
            [&](const auto& e) { return e.outcome == outcome || e.reason == outcome; }));
    }
    void do_now(task<void> work) {
        all.desk.spawn(std::move(work));
        all.world.run_for(milliseconds{100});
    }
    fleet all;
    job_name name{"tick"};
};

TEST_F(policies, forbid_settles_what_falls_due_during_a_run) {
    start("*/2 * * * * *", milliseconds{4500});
    start("*/2 * * * * *", milliseconds{4500});
    all.world.run_for(minutes{1});
    for (std::size_t i = 1; i < all.log.begun.size(); ++i)
        EXPECT_GE(all.log.begun[i].at, all.log.begun[i - 1].at + milliseconds{4500});
    EXPECT_GE(all.log.begun.size(), 9u);
    EXPECT_GE(outcomes("overlap"), 16u);
}

TEST_F(policies, allow_lets_runs_overlap) {
    start("*/2 * * * * *", milliseconds{5000},
          [](job_spec& spec) { spec.overlap = overlap_policy::allow; });
    all.world.run_for(seconds{30});
    EXPECT_GE(all.log.begun.size(), 14u);
    EXPECT_EQ(outcomes("overlap"), 0u);
}

TEST_F(policies, replace_ends_the_earlier_run_first) {
    const auto replace = [](job_spec& spec) { spec.overlap = overlap_policy::replace; };
    start("*/10 * * * * *", hours{1}, replace);
    start("*/10 * * * * *", hours{1}, replace);
    all.world.run_for(minutes{1});
    EXPECT_GE(all.log.begun.size(), 5u);
    EXPECT_EQ(outcomes("replaced") + 1, all.log.begun.size());
}

TEST_F(policies, failures_are_retried_with_growing_delays_and_fences) {
    std::vector<wall_time> tries;
    std::vector<std::uint64_t> fences;
    start("0 * * * * *", milliseconds{1}, [&](job_spec& spec) {
        spec.retry = {.max_attempts = 3, .first_delay = seconds{1}, .max_delay = seconds{60}};
        spec.work = function_work{"fails", [&](job_context& c) -> task<result<void>> {
                                      tries.push_back(all.world.wall_now());
                                      fences.push_back(c.fence().value());
                                      co_return c.attempt() < 3 ? errc::internal : result<void>();
                                  }};
    });
    all.world.run_for(seconds{90});
    ASSERT_EQ(tries.size(), 3u);
    EXPECT_GE(tries[1] - tries[0], seconds{1});
    EXPECT_GE(tries[2] - tries[1], seconds{2});
    EXPECT_LT(fences[0], fences[1]);
    EXPECT_LT(fences[1], fences[2]);
    EXPECT_EQ(outcomes("failed"), 2u);
    EXPECT_EQ(outcomes("succeeded"), 1u);
}

TEST_F(policies, a_timeout_stops_the_run) {
    start("0 * * * * *", hours{1}, [](job_spec& spec) { spec.timeout = seconds{20}; });
    all.world.run_for(minutes{2} - seconds{1});
    EXPECT_EQ(outcomes("timed_out"), all.log.begun.size());
    EXPECT_TRUE(all.log.ended.empty());
}

TEST_F(policies, work_that_ignores_its_stop_request_is_cut_off) {
    bool went_on = false;
    start("0 * * * * *", milliseconds{1}, [&](job_spec& spec) {
        spec.timeout = seconds{5};
        spec.work = function_work{"deaf", [&](job_context&) -> task<result<void>> {
                                      auto& node = all.instances[0]->node;
                                      co_await node.sleep_until(node.now() + seconds{30});
                                      went_on = true;
                                      co_return result<void>();
                                  }};
    });
    all.world.run_for(minutes{1} + seconds{40});
    EXPECT_FALSE(went_on);
    EXPECT_GE(outcomes("timed_out"), 1u);
}

TEST_F(policies, an_exception_fails_the_run_and_nothing_else) {
    start("*/2 * * * * *", milliseconds{1}, [](job_spec& spec) {
        spec.work = function_work{"throws", [](job_context&) -> task<result<void>> {
                                      throw std::runtime_error("out of paper");
                                      co_return result<void>();
                                  }};
    });
    all.world.run_for(seconds{21});
    EXPECT_GE(outcomes("failed"), 9u);
    EXPECT_EQ(history().entries[0].detail, "out of paper");
}

TEST_F(policies, skip_counts_what_an_outage_cost) {
    auto& one = start("*/2 * * * * *", milliseconds{1}, [](job_spec& spec) {
        spec.misfire = {.what = misfire_policy::kind::skip, .threshold = seconds{1}};
    });
    all.world.run_for(seconds{11});
    one.faults.away = true;
    all.world.run_for(seconds{20});
    one.faults.away = false;
    all.world.run_for(seconds{20});
    for (const auto& run : all.log.begun) EXPECT_LE(run.at - run.fire_time, seconds{2});
    const auto found = history();
    const auto missed = std::find_if(found.entries.begin(), found.entries.end(), [](const auto& e) {
        return e.what == schedule::ledger_entry::kind::missed;
    });
    ASSERT_NE(missed, found.entries.end());
    EXPECT_GE(missed->count, 8u);
}

TEST_F(policies, jitter_shifts_the_start_and_not_the_identity) {
    start("*/10 * * * * *", milliseconds{1}, [](job_spec& spec) { spec.jitter = seconds{9}; });
    all.world.run_for(minutes{1});
    ASSERT_GE(all.log.begun.size(), 4u);
    const auto shift = schedule::jitter_of("tick", seconds{9});
    for (const auto& run : all.log.begun) {
        EXPECT_EQ(to_unix_seconds(run.fire_time) % 10, 0);
        EXPECT_GE(run.at - run.fire_time, shift);
        EXPECT_LT(run.at - run.fire_time, shift + milliseconds{100});
    }
}

TEST_F(policies, pause_holds_and_resume_owes_nothing) {
    start("*/2 * * * * *", milliseconds{1});
    all.world.run_for(seconds{11});
    auto pause = [&](std::string by) -> task<void> {
        EXPECT_TRUE(co_await schedule::set_paused(all.desk_store, name, std::move(by)));
    };
    do_now(pause("me"));
    const auto before = all.log.begun.size();
    all.world.run_for(seconds{30});
    EXPECT_EQ(all.log.begun.size(), before);
    do_now(pause(""));
    all.world.run_for(seconds{10});
    EXPECT_NEAR(static_cast<double>(all.log.begun.size() - before), 5, 1);
    const auto found = history();
    const auto report =
        schedule::audit({}, found, found.oldest - seconds{1}, found.entries.front().fire_time,
                        cron_expression::parse("*/2 * * * * *").value(), time_zone(), seconds{5});
    EXPECT_EQ(report.lost, 0u);
    EXPECT_NEAR(static_cast<double>(report.missed), 15, 1);
    EXPECT_EQ(report.due, report.once + report.missed);
}

TEST_F(policies, a_manual_run_happens_once_and_leaves_the_schedule_alone) {
    start("0 0 * * * *", milliseconds{10});
    start("0 0 * * * *", milliseconds{10});
    all.world.run_for(seconds{5});
    const auto id = owner_id::random(all.desk);
    auto ask = [&]() -> task<void> {
        EXPECT_TRUE(co_await schedule::ask_for_run(all.desk_store, name, id));
        EXPECT_TRUE(co_await schedule::ask_for_run(all.desk_store, name, id));
    };
    do_now(ask());
    all.world.run_for(seconds{60});
    do_now(ask());  // as somebody does who has not heard of the answer
    all.world.run_for(seconds{60});
    EXPECT_EQ(all.log.ended.size(), 1u);
    const auto found = history();
    EXPECT_TRUE(found.entries.at(0).manual);
    EXPECT_EQ(found.entries.at(0).request, id.str());
}

// Who looks after runs puts the job back and joins it, long before a fire time would.
TEST_F(policies, a_manual_run_happens_after_a_loss_of_data_though_no_fire_time_is_near) {
    start("0 0 * * * *", milliseconds{10});
    start("0 0 * * * *", milliseconds{10});
    all.world.run_for(seconds{5});
    all.server.engine().restore(embedded::keyspace());
    all.world.run_for(seconds{70});  // each has looked at the job twice
    auto ask = [&]() -> task<void> {
        EXPECT_TRUE(
            co_await schedule::ask_for_run(all.desk_store, name, owner_id::random(all.desk)));
    };
    do_now(ask());
    all.world.run_for(seconds{5});
    EXPECT_EQ(all.log.ended.size(), 1u);
}

TEST_F(policies, drain_lets_runs_end_and_another_instance_goes_on) {
    const auto long_job = [](job_spec& spec) { spec.on_crash = crash_policy::rerun; };
    start("0 * * * * *", seconds{20}, long_job);
    start("0 * * * * *", seconds{20}, long_job);
    const auto running = [&] { return all.log.begun.size() == 1; };
    ASSERT_TRUE(all.world.run_until(running, minutes{2}));
    auto& leaving = *all.instances[static_cast<std::size_t>(all.log.begun[0].node[1] - '1')];
    bool drained = false;
    auto drain = [&]() -> task<void> {
        co_await leaving.schedule.drain(seconds{2});
        drained = true;
    };
    leaving.node.spawn(drain());
    all.world.run_for(seconds{4});
    EXPECT_TRUE(drained);
    ASSERT_EQ(all.log.begun.size(),
              2u);  // handed over at once, not when the lease would have ended
    EXPECT_NE(all.log.begun[1].node, all.log.begun[0].node);
    EXPECT_EQ(all.log.begun[1].fire_time, all.log.begun[0].fire_time);
    EXPECT_EQ(all.log.begun[1].attempt, 2u);
}

TEST_F(policies, a_reload_leaves_running_work_alone) {
    auto& one = start("0 * * * * *", seconds{20});
    const auto running = [&] { return all.log.begun.size() == 1; };
    ASSERT_TRUE(all.world.run_until(running, minutes{2}));
    std::vector<job_spec> none;
    one.schedule.replace_jobs(std::move(none)).value();
    all.world.run_for(minutes{3});
    EXPECT_EQ(all.log.begun.size(), 1u);
    EXPECT_EQ(all.log.ended.size(), 1u);
    EXPECT_TRUE(one.schedule.jobs().empty());
}

TEST_F(policies, a_bad_list_of_jobs_changes_nothing) {
    auto& one = start("0 * * * * *", seconds{1});
    std::vector<job_spec> twice{all.job(one, "@hourly", seconds{1}),
                                all.job(one, "@daily", seconds{1})};
    EXPECT_EQ(one.schedule.replace_jobs(std::move(twice)).error(), errc::already_exists);
    std::vector<job_spec> broken{all.job(one, "every monday", seconds{1})};
    EXPECT_EQ(one.schedule.replace_jobs(std::move(broken)).error(), errc::invalid_argument);
    EXPECT_EQ(one.schedule.jobs().size(), 1u);
}

TEST_F(policies, the_audit_sees_each_fire_time_once) {
    start("*/2 * * * * *", milliseconds{10});
    start("*/2 * * * * *", milliseconds{10});
    all.world.run_for(minutes{1});
    auto found = history();
    const auto expression = cron_expression::parse("*/2 * * * * *").value();
    const schedule::job_status status;
    const auto from = found.oldest - seconds{1};
    const auto to = found.entries.front().fire_time;
    const auto clean =
        schedule::audit(status, found, from, to, expression, time_zone(), seconds{5});
    EXPECT_EQ(clean.due, clean.once);
    found.entries.erase(found.entries.begin() + 3);
    found.entries.push_back(found.entries[0]);
    const auto bad = schedule::audit(status, found, from, to, expression, time_zone(), seconds{5});
    EXPECT_EQ(bad.lost, 1u);
    EXPECT_EQ(bad.twice, 1u);
}

}  // namespace
}  // namespace holdfast::test
