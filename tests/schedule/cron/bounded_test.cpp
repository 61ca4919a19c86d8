// Rare and impossible dates are found, or known never to come, in bounded steps.
#include "holdfast/cron.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

std::string next(std::string_view text, std::string_view from) {
    const auto e = cron_expression::parse(text, cron_dialect::holdfast).value();
    const auto at = e.next_after(parse_instant(from).value(), {});
    return at ? time_zone::utc().format(*at).substr(0, 10) : "none";
}

TEST(cron_bounded, impossible_dates_are_known_from_the_start) {
    for (const auto* text : {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 0 29 2 ? 2021-2023",
                             "0 0 0 L-29 2 MON 2021-2023", "0 0 0 31 2 FRI#1"}) {
        const auto e = cron_expression::parse(text).value();
        EXPECT_TRUE(e.never_fires()) << text;
        EXPECT_EQ(next(text, "2026-01-01T00:00:00Z"), "none");
    }
    EXPECT_FALSE(cron_expression::parse("0 0 29 2 *")->never_fires());
    EXPECT_FALSE(cron_expression::parse("0 0 0 29 2 FRI#5")->never_fires());
}

TEST(cron_bounded, a_leap_day_on_a_weekday_is_found_decades_away) {
    EXPECT_EQ(next("0 0 29 2 *", "2096-03-01T00:00:00Z"), "2104-02-29");
    EXPECT_EQ(next("0 0 0 29 2 WED", "2012-03-01T00:00:00Z"), "2040-02-29");
    EXPECT_EQ(next("0 0 0 29 2 MON", "2072-03-01T00:00:00Z"), "2112-02-29");
    EXPECT_EQ(next("0 0 0 29 2 FRI", "2172-03-01T00:00:00Z"), "2188-02-29");
}

TEST(cron_bounded, years_end) {
    EXPECT_EQ(next("0 0 0 1 1 ? 2020/5", "2026-01-01T00:00:00Z"), "2030-01-01");
    EXPECT_EQ(next("0 0 0 1 1 ? 2020,2024", "2026-01-01T00:00:00Z"), "none");
    EXPECT_EQ(next("0 0 0 1 1 ? *", "2500-01-02T00:00:00Z"), "2501-01-01");
    EXPECT_EQ(next("* * * * *", "9999-12-31T23:59:30Z"), "none");
}

TEST(cron_bounded, daylight_saving_goes_on_beyond_the_zones_table) {
    const auto zone = time_zone::find("America/New_York").value();
    const auto e = cron_expression::parse("30 2 * * *").value();
    for (const auto* year : {"2399", "2437", "2800", "6000"}) {
        const auto july = parse_instant(std::string(year) + "-07-01T00:00:00Z").value();
        EXPECT_EQ(zone.offset_at(july), hours{-4}) << year;
        EXPECT_EQ(zone.format(*e.next_after(july, zone)).substr(10), "T02:30:00-04:00") << year;
        const auto january = parse_instant(std::string(year) + "-01-10T12:00:00Z").value();
        EXPECT_EQ(zone.format(*e.next_after(january, zone)).substr(10), "T02:30:00-05:00") << year;
    }
}

TEST(cron_bounded, last_before_finds_the_newest_or_nothing) {
    const auto e = cron_expression::parse("0 0 29 2 *").value();
    const auto at = [](std::string_view text) { return parse_instant(text).value(); };
    EXPECT_EQ(e.last_before(at("2026-11-22T00:00:00Z"), {}, at("2000-01-01T00:00:00Z")),
              at("2024-02-29T00:00:00Z"));
    EXPECT_EQ(e.last_before(at("2024-02-29T00:00:00Z"), {}, at("2000-01-01T00:00:00Z")),
              at("2020-02-29T00:00:00Z"));
    EXPECT_FALSE(e.last_before(at("2026-11-22T00:00:00Z"), {}, at("2024-03-01T00:00:00Z")));
    EXPECT_EQ(e.last_before(at("2026-11-22T00:00:00Z"), {}, at("2024-02-29T00:00:00Z")),
              at("2024-02-29T00:00:00Z"));
}

}  // namespace
}  // namespace holdfast::test
