// What the default dialect reads, refuses and means; and what differs by dialect.
#include "holdfast/cron.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <set>

namespace holdfast::test {
namespace {

bool accepts(std::string_view text, cron_dialect dialect = cron_dialect::holdfast) {
    return cron_expression::parse(text, dialect).has_value();
}

std::string next(std::string_view text, std::string_view from = "2026-01-01T00:00:00Z",
                 cron_dialect dialect = cron_dialect::holdfast) {
    cron_problem why;
    const auto e = cron_expression::parse(text, dialect, 0, &why);
    if (!e) return why.message;
    const auto at = e->next_after(parse_instant(from).value(), {});
    return at ? time_zone::utc().format(*at).substr(0, 19) : "none";
}

TEST(cron_grammar, reads_five_six_and_seven_fields_with_one_numbering) {
    EXPECT_EQ(next("30 2 * * 1"), "2026-01-05T02:30:00");
    EXPECT_EQ(next("15 30 2 * * 1"), "2026-01-05T02:30:15");
    EXPECT_EQ(next("15 30 2 * * 1 2027"), "2027-01-04T02:30:15");
    EXPECT_EQ(next("0 0/10 * * * ?"), "2026-01-01T00:10:00");
    EXPECT_EQ(next(" \t 0  0 *\t* 7 "), "2026-01-04T00:00:00");
}

TEST(cron_grammar, day_and_weekday_combine_by_the_number_of_fields_stars_and_plus) {
    EXPECT_EQ(next("0 0 13 * 5"), "2026-01-02T00:00:00");      // either
    EXPECT_EQ(next("0 0 13 * +5"), "2026-02-13T00:00:00");     // both, by the plus
    EXPECT_EQ(next("0 0 0 13 * 5"), "2026-02-13T00:00:00");    // both, six fields
    EXPECT_EQ(next("0 16 */2 * sat"), "2026-01-03T16:00:00");  // both: starts with a star
    EXPECT_EQ(next("0 16 */2 * sat", "2026-01-04T00:00:00Z"), "2026-01-17T16:00:00");
}

TEST(cron_grammar, knows_the_special_days) {
    EXPECT_EQ(next("0 0 L * *"), "2026-01-31T00:00:00");
    EXPECT_EQ(next("0 0 L-3 2 *"), "2026-02-25T00:00:00");
    EXPECT_EQ(next("0 0 lw * *"), "2026-01-30T00:00:00");
    EXPECT_EQ(next("0 0 L-1W 2 *"), "2026-02-27T00:00:00");
    EXPECT_EQ(next("0 0 31W * *", "2011-07-01T00:00:00Z"), "2011-07-29T00:00:00");
    EXPECT_EQ(next("0 0 1W 8 *"), "2026-08-03T00:00:00");
    EXPECT_EQ(next("0 0 L-30 * *", "2026-01-31T00:00:00Z"), "2026-03-01T00:00:00");
    EXPECT_EQ(next("0 0 * * FRI#2"), "2026-01-09T00:00:00");
    EXPECT_EQ(next("0 0 * * MONL"), "2026-01-26T00:00:00");
    EXPECT_EQ(next("0 0 * * 1#L"), "2026-01-26T00:00:00");
    EXPECT_EQ(next("0 0 * * MON#1,FRI#3", "2026-01-06T00:00:00Z"), "2026-01-16T00:00:00");
    EXPECT_EQ(next("0 0 * * SAT-SUN", "2026-01-03T12:00:00Z"), "2026-01-04T00:00:00");
}

TEST(cron_grammar, macros_stand_for_fields) {
    EXPECT_EQ(next("@yearly"), "2027-01-01T00:00:00");
    EXPECT_EQ(next("@monthly"), "2026-02-01T00:00:00");
    EXPECT_EQ(next("@weekly"), "2026-01-04T00:00:00");
    EXPECT_EQ(next("@midnight"), "2026-01-02T00:00:00");
    EXPECT_EQ(next("@minutely"), "2026-01-01T00:01:00");
    EXPECT_TRUE(accepts("@DAILY", cron_dialect::spring));
    EXPECT_FALSE(accepts("@DAILY", cron_dialect::vixie));
    EXPECT_FALSE(accepts("@daily", cron_dialect::quartz));
    EXPECT_FALSE(accepts("@daily 5"));
    const auto daily = cron_expression::parse("@daily", cron_dialect::spring).value();
    EXPECT_EQ(cron_expression::parse(daily.text(), cron_dialect::spring).value(), daily);
}

TEST(cron_grammar, intervals_and_single_instants) {
    EXPECT_EQ(next("@every 1h30m"), "2026-01-01T01:30:00");
    auto every = cron_expression::parse("@every 7s").value();
    every.anchor(parse_instant("2026-01-01T00:00:03Z").value());
    EXPECT_EQ(every.next_after(parse_instant("2026-01-01T00:00:03Z").value(), {}),
              parse_instant("2026-01-01T00:00:10Z").value());
    EXPECT_EQ(every.next_after(parse_instant("2025-12-31T23:59:59.5Z").value(), {}),
              parse_instant("2026-01-01T00:00:03Z").value());
    EXPECT_EQ(next("@at 2026-03-01T10:00:00+02:00"), "2026-03-01T08:00:00");
    EXPECT_EQ(next("@at 2025-03-01T10:00:00Z"), "none");
    EXPECT_EQ(next("@manually"), "none");
    for (const auto* bad : {"@every", "@every 0", "@every 1.5s", "@every 500ms", "@every x", "@at",
                            "@at noon", "@at 2026-13-01T00:00:00Z"})
        EXPECT_FALSE(accepts(bad)) << bad;
}

TEST(cron_grammar, a_zone_in_front_goes_before_the_jobs) {
    EXPECT_EQ(next("TZ=Asia/Shanghai 30 2 * * *"), "2026-01-01T18:30:00");
    EXPECT_EQ(next("CRON_TZ=Asia/Shanghai @daily"), "2026-01-01T16:00:00");
    for (const auto* bad :
         {"TZ=Mars/Base 0 0 * * *", "TZ= 0 0 * * *", "TZ=/etc/localtime 0 0 * * *",
          "TZ=../UTC 0 0 * * *", "TZ=Asia/Shanghai"})
        EXPECT_FALSE(accepts(bad)) << bad;
}

TEST(cron_grammar, h_is_stable_for_a_job_and_spreads_jobs) {
    std::set<std::string> texts;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const auto e =
            cron_expression::parse("H H(0-5) * * *", cron_dialect::holdfast, seed).value();
        EXPECT_EQ(e,
                  cron_expression::parse("H H(0-5) * * *", cron_dialect::holdfast, seed).value());
        EXPECT_LT(e.fields().hour.bits, 1U << 6);
        texts.insert(e.text());
    }
    EXPECT_GT(texts.size(), 60U);
    const auto step = cron_expression::parse("H/15 * * * *", cron_dialect::holdfast, 7).value();
    EXPECT_EQ(std::popcount(step.fields().minute.bits), 4);
    EXPECT_FALSE(accepts("H * * * *", cron_dialect::vixie));
}

TEST(cron_grammar, refuses_with_a_position_and_advice) {
    const std::pair<const char*, std::size_t> bad[] = {
        {"", 0},
        {"* * * *", 0},
        {"* * * * * * * *", 0},
        {"60 * * * *", 0},
        {"* 24 * * *", 2},
        {"* * 0 * *", 4},
        {"* * * 13 *", 6},
        {"* * * * 8", 8},
        {"*/0 * * * *", 0},
        {"/5 * * * *", 0},
        {"5-1 * * * *", 0},
        {"? * * * *", 0},
        {"* * * JAN1 *", 6},
        {"* * * * FRI-MON", 8},
        {"* * * * L", 8},
        {"* * * * 5#6", 8},
        {"* * 1, * *", 6},
        {"* * L-31 * *", 4},
        {"* * * * MONDAY", 8},
        {"@Daily", 0},
        {"1 2 3 4 5\n", 8},
        {"* * ?,1 * *", 4},
        {"0 0 0 1 1 * 1969", 12},
        {"0 0 99999999999999999999 * *", 4},
    };
    for (const auto& [text, position] : bad) {
        cron_problem why;
        const auto e = cron_expression::parse(text, cron_dialect::holdfast, 0, &why);
        ASSERT_FALSE(e) << text;
        EXPECT_EQ(e.error(), errc::invalid_argument);
        EXPECT_EQ(why.position, position) << text << ": " << why.message;
        EXPECT_FALSE(why.message.empty()) << text;
    }
    EXPECT_FALSE(accepts(std::string(2000, '*')));
}

}  // namespace
}  // namespace holdfast::test
