// Which missed fire times are run, under each policy, and that long absences stay cheap.
#include "holdfast/misfire.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using kind = misfire_policy::kind;

cron_expression every_ten_minutes() { return cron_expression::parse("0/10 * * * *").value(); }
wall_time at(std::string_view text) { return parse_instant(text).value(); }

std::vector<std::string> run_now(const misfire_plan& plan) {
    std::vector<std::string> times;
    for (const auto t : plan.run_now) times.push_back(time_zone::utc().format(t).substr(11, 8));
    return times;
}

using times = std::vector<std::string>;

TEST(misfire, an_on_time_tick_runs_under_every_policy) {
    for (const auto what : {kind::skip, kind::fire_once, kind::fire_all}) {
        const auto plan = plan_misfires(at("2026-11-22T10:00:00Z"), at("2026-11-22T10:10:01Z"),
                                        every_ten_minutes(), {}, {.what = what});
        EXPECT_EQ(run_now(plan), times{"10:10:00"});
        EXPECT_EQ(plan.missed + plan.coalesced, 0U);
        EXPECT_EQ(plan.next, at("2026-11-22T10:20:00Z"));
    }
}

TEST(misfire, nothing_is_due_between_ticks_nor_when_the_clock_went_back) {
    for (const auto now : {"2026-11-22T10:09:59Z", "2026-11-22T09:00:00Z"}) {
        const auto plan = plan_misfires(at("2026-11-22T10:00:00Z"), at(now), every_ten_minutes(),
                                        {}, {.what = kind::fire_all});
        EXPECT_TRUE(plan.run_now.empty());
        EXPECT_FALSE(plan.newest_due);
    }
}

TEST(misfire, an_hour_late_is_skipped_run_once_or_run_all) {
    const auto from = at("2026-11-22T10:00:00Z");
    const auto now = at("2026-11-22T10:35:00Z");
    auto plan = plan_misfires(from, now, every_ten_minutes(), {}, {.what = kind::skip});
    EXPECT_TRUE(plan.run_now.empty());
    EXPECT_EQ(plan.missed, 3U);
    EXPECT_EQ(plan.newest_due, at("2026-11-22T10:30:00Z"));

    plan = plan_misfires(from, now, every_ten_minutes(), {}, {.what = kind::fire_once});
    EXPECT_EQ(run_now(plan), times{"10:30:00"});
    EXPECT_EQ(plan.coalesced, 2U);
    EXPECT_EQ(plan.missed, 0U);

    plan =
        plan_misfires(from, now, every_ten_minutes(), {}, {.what = kind::fire_all, .max_runs = 2});
    EXPECT_EQ(run_now(plan), (times{"10:20:00", "10:30:00"}));
    EXPECT_EQ(plan.missed, 1U);
}

TEST(misfire, an_on_time_tick_stands_for_the_late_ones_before_it) {
    const auto plan = plan_misfires(at("2026-11-22T10:00:00Z"), at("2026-11-22T10:30:02Z"),
                                    every_ten_minutes(), {}, {.what = kind::fire_once});
    EXPECT_EQ(run_now(plan), times{"10:30:00"});
    EXPECT_EQ(plan.coalesced, 2U);
}

TEST(misfire, nothing_runs_after_its_start_deadline) {
    const auto plan =
        plan_misfires(at("2026-11-22T10:00:00Z"), at("2026-11-22T10:35:00Z"), every_ten_minutes(),
                      {}, {.what = kind::fire_all, .start_deadline = minutes{20}});
    EXPECT_EQ(run_now(plan), (times{"10:20:00", "10:30:00"}));
    EXPECT_EQ(plan.missed, 1U);
    const auto none =
        plan_misfires(at("2026-11-22T10:00:00Z"), at("2026-11-22T10:35:00Z"), every_ten_minutes(),
                      {}, {.what = kind::fire_once, .start_deadline = minutes{1}});
    EXPECT_TRUE(none.run_now.empty());
    EXPECT_EQ(none.missed, 3U);
}

TEST(misfire, years_of_absence_plan_the_newest_and_say_the_count_is_partial) {
    const auto each_second = cron_expression::parse("* * * * * *").value();
    const auto plan = plan_misfires(at("2006-11-22T10:00:00Z"), at("2026-11-22T10:00:00Z"),
                                    each_second, {}, {.what = kind::fire_all, .max_runs = 3});
    EXPECT_EQ(run_now(plan), (times{"09:59:58", "09:59:59", "10:00:00"}));
    EXPECT_FALSE(plan.counted_all);
    EXPECT_EQ(plan.missed + plan.run_now.size(), misfire_count_limit);
}

TEST(misfire, an_interval_counts_from_its_anchor) {
    auto every = cron_expression::parse("@every 7m").value();
    every.anchor(at("2026-11-22T10:01:00Z"));
    const auto plan = plan_misfires(at("2026-11-22T10:01:00Z"), at("2026-11-22T10:20:00Z"), every,
                                    {}, {.what = kind::fire_all});
    EXPECT_EQ(run_now(plan), (times{"10:08:00", "10:15:00"}));
}

}  // namespace
}  // namespace holdfast::test
