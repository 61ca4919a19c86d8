// What an expression says about itself: warnings by kind, and a sentence.
#include "holdfast/cron.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::test {
namespace {

using kind = cron_warning::kind;

std::vector<kind> kinds(std::string_view text, cron_dialect dialect = cron_dialect::holdfast,
                        std::string_view zone = "UTC") {
    const auto e = cron_expression::parse(text, dialect).value();
    std::vector<kind> found;
    for (const auto& warning :
         e.lint(time_zone::find(zone).value(), parse_instant("2026-01-01T00:00:00Z").value())) {
        EXPECT_FALSE(warning.text.empty());
        found.push_back(warning.what);
    }
    return found;
}

bool warns(kind wanted, std::string_view text, cron_dialect dialect = cron_dialect::holdfast,
           std::string_view zone = "UTC") {
    const auto found = kinds(text, dialect, zone);
    return std::count(found.begin(), found.end(), wanted) == 1;
}

TEST(cron_lint, plain_expressions_have_no_warnings) {
    for (const auto* text : {"*/10 * * * *", "0 2 * * *", "30 2 * * MON-FRI", "@hourly",
                             "@every 5m", "0 0/10 * * * ?"})
        EXPECT_TRUE(kinds(text).empty()) << text;
}

TEST(cron_lint, names_each_pitfall) {
    EXPECT_TRUE(warns(kind::never_fires, "0 0 30 2 *"));
    EXPECT_TRUE(warns(kind::never_fires, "@at 2020-01-01T00:00:00Z"));
    EXPECT_TRUE(warns(kind::manual_only, "@manually"));
    EXPECT_TRUE(warns(kind::step_beyond_range, "*/90 * * * *"));
    EXPECT_TRUE(warns(kind::short_months, "0 0 31 * *"));
    EXPECT_FALSE(warns(kind::short_months, "0 0 31 1,3 *"));
    EXPECT_TRUE(warns(kind::bare_weekday, "0 0 0 ? * 1"));
    EXPECT_TRUE(warns(kind::bare_weekday, "0 0 0 ? * 1", cron_dialect::quartz));
    EXPECT_TRUE(warns(kind::dialects_differ, "0 0 0 ? * 1"));
    EXPECT_TRUE(warns(kind::dialects_differ, "0 0 13 * 5"));
    EXPECT_TRUE(warns(kind::dialects_differ, "0 0 * * */2"));
}

TEST(cron_lint, previews_clock_changes_in_the_zone) {
    constexpr auto* zone = "America/New_York";
    EXPECT_TRUE(warns(kind::moved_or_skipped, "30 2 * * *", cron_dialect::holdfast, zone));
    EXPECT_TRUE(warns(kind::fires_twice, "0 30 1 * * *", cron_dialect::spring, zone));
    EXPECT_FALSE(warns(kind::fires_twice, "30 1 * * *", cron_dialect::holdfast, zone));
    EXPECT_FALSE(warns(kind::moved_or_skipped, "30 2 * * *", cron_dialect::holdfast));
    EXPECT_TRUE(kinds("*/5 * * * *", cron_dialect::holdfast, zone).empty());
}

TEST(cron_describe, says_it_in_english) {
    const std::pair<const char*, const char*> sentences[] = {
        {"0 0/10 * * * ?", "Every 10 minutes"},
        {"* * * * *", "Every minute"},
        {"30 2 * * MON-FRI", "At 02:30, on Monday through Friday"},
        {"0 0 13 * 5", "At 00:00, on day 13 of the month or on Friday"},
        {"0 0 0 13 * 5", "At 00:00, on day 13 of the month if it is Friday"},
        {"0 0 LW 1,7 *", "At 00:00, on the last workday of the month, in January and July"},
        {"@every 90m", "Every 1h30m, counted from 1970-01-01T00:00:00+00:00"},
        {"0 0 30 2 *", "At 00:00, on day 30 of the month, in February: never, no such date exists"},
    };
    for (const auto& [text, sentence] : sentences)
        EXPECT_EQ(cron_expression::parse(text)->describe(), sentence) << text;
}

}  // namespace
}  // namespace holdfast::test
