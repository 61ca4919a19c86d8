// What holds for every expression, tried on thousands of generated ones.
#include "holdfast/cron.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace holdfast::test {
namespace {

class generator {
public:
    explicit generator(unsigned seed) : engine_(seed) {}

    int between(int low, int high) { return std::uniform_int_distribution(low, high)(engine_); }

    std::string expression(cron_dialect dialect) {
        const bool quartz = dialect == cron_dialect::quartz;
        const bool five = dialect == cron_dialect::vixie ||
                          (dialect == cron_dialect::holdfast && between(0, 1) == 0);
        const bool weekday_free = between(0, 1) == 0;
        std::string out = five ? "" : list(0, 59) + " ";
        out += list(0, 59) + " " + list(0, 23) + " ";
        out += (quartz && !weekday_free ? "?" : day(dialect)) + " " + list(1, 12) + " ";
        out += quartz && weekday_free ? "?" : weekday(dialect);
        const bool year = !five && dialect != cron_dialect::spring && between(0, 4) == 0;
        return year ? out + " 2020-2080/3" : out;
    }

    wall_time base() {
        return from_unix_seconds(
            std::uniform_int_distribution<std::int64_t>(-1'000'000'000, 4'000'000'000)(engine_));
    }

private:
    std::string item(int low, int high) {
        const auto a = between(low, high);
        const auto number = [](int n) { return std::to_string(n); };
        switch (between(0, 6)) {
            case 0: return "*/" + number(between(2, high - low));
            case 1: return number(a) + "/" + number(between(1, high - low));
            case 2: return number(a) + "-" + number(between(a, high));
            case 3: return number(a) + "-" + number(between(a, high)) + "/" + number(between(1, 5));
            default: return number(a);
        }
    }
    std::string list(int low, int high) {
        if (between(0, 2) == 0) return "*";
        std::string out = item(low, high);
        while (between(0, 2) == 0) out += "," + item(low, high);
        return out;
    }
    std::string day(cron_dialect dialect) {
        const bool spring = dialect == cron_dialect::spring;
        switch (between(0, 7)) {
            case 0: return "L";
            case 1: return "LW";
            case 2: return "L-" + std::to_string(between(1, 27));
            case 3: return std::to_string(between(1, 28)) + "W";
            case 4: return spring ? "1W,L" : "L-" + std::to_string(between(0, 20)) + "W,7";
            default: return list(1, 31);
        }
    }
    std::string weekday(cron_dialect dialect) {
        static const char* const names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
        const std::string one = names[between(0, 6)];
        switch (between(0, 6)) {
            case 0: return one + "L";
            case 1: return one + "#" + std::to_string(between(1, 4));
            case 2: return one + (dialect == cron_dialect::quartz ? "" : ",MON-FRI/2");
            case 3: return "*";
            case 4: return list(1, 6);
            default: return one;
        }
    }

    std::mt19937 engine_;
};

constexpr cron_dialect dialects[] = {cron_dialect::holdfast, cron_dialect::spring,
                                     cron_dialect::quartz, cron_dialect::vixie};

TEST(cron_properties, next_is_later_matches_and_has_nothing_before_it) {
    const time_zone zones[] = {time_zone::utc(), time_zone::find("America/New_York").value(),
                               time_zone::find("Australia/Lord_Howe").value(),
                               time_zone::find("Africa/Cairo").value()};
    generator any(1);
    for (int i = 0; i < 8000; ++i) {
        const auto dialect = dialects[i % 4];
        const auto& zone = zones[static_cast<std::size_t>(any.between(0, 3))];
        const auto text = any.expression(dialect);
        cron_problem why;
        const auto e = cron_expression::parse(text, dialect, 0, &why);
        ASSERT_TRUE(e) << text << ": " << why.message;
        const auto from = any.base();
        SCOPED_TRACE(text + " from " + zone.format(from) + " in " + zone.name());
        const auto next = e->next_after(from, zone);
        if (!next) continue;
        ASSERT_GT(*next, from);
        ASSERT_TRUE(e->matches(*next, zone)) << zone.format(*next);
        ASSERT_EQ(next->time_since_epoch().count() % 1'000'000, 0);
        if (dialect != cron_dialect::quartz) {
            ASSERT_EQ(e->next_after(*next - seconds{1}, zone), next);
        }
        // Any base in between gives the same answer. Spring and Quartz depend on it next to
        // changes, as the originals do.
        if (dialect == cron_dialect::spring || dialect == cron_dialect::quartz) continue;
        const auto middle = from + (*next - from) / 2;
        ASSERT_EQ(e->next_after(middle, zone), next);
        ASSERT_EQ(e->last_before(*next + seconds{1}, zone, from), next);
    }
}

TEST(cron_properties, text_reads_back_to_the_same_expression) {
    generator any(2);
    for (int i = 0; i < 8000; ++i) {
        const auto dialect = dialects[i % 4];
        const auto text = any.expression(dialect);
        const auto e = cron_expression::parse(text, dialect).value();
        cron_problem why;
        const auto again = cron_expression::parse(e.text(), dialect, 0, &why);
        ASSERT_TRUE(again) << text << " -> " << e.text() << ": " << why.message;
        ASSERT_EQ(*again, e) << text << " -> " << e.text();
        ASSERT_EQ(again->text(), e.text());
        ASSERT_FALSE(e.describe().empty());
    }
}

TEST(cron_properties, the_hosts_own_zone_changes_nothing) {
    const auto zone = time_zone::find("Europe/London").value();
    const auto e = cron_expression::parse("30 1 * * *").value();
    const auto from = parse_instant("2026-10-24T12:00:00Z").value();
    const auto before = e.next_after(from, zone);
    for (const char* tz : {"Asia/Tokyo", "America/Los_Angeles", ""}) {
        ::setenv("TZ", tz, 1);
        ::tzset();
        EXPECT_EQ(e.next_after(from, zone), before);
        EXPECT_EQ(time_zone::find("Europe/London").value().format(*before),
                  "2026-10-25T01:30:00+01:00");
    }
    ::unsetenv("TZ");
    ::tzset();
}

TEST(cron_properties, a_fraction_of_a_second_is_dropped_first) {
    const auto e = cron_expression::parse("* * * * * *").value();
    const auto base = parse_instant("2026-11-22T10:00:00Z").value();
    EXPECT_EQ(e.next_after(base + microseconds{999'999}, {}), base + seconds{1});
    EXPECT_EQ(e.next_after(base - microseconds{1}, {}), base);
}

// A zone's table ends about 2437; behind it, and near it, its rules go on.
TEST(cron_properties, the_calendar_repeats_every_400_years_for_ever) {
    constexpr seconds cycle{std::int64_t{146'097} * 86'400};
    generator draw(7);
    for (const auto* name : {"America/New_York", "Europe/London", "Australia/Lord_Howe"}) {
        const auto zone = time_zone::find(name).value();
        for (int i = 0; i < 400; ++i) {
            const auto dialect = static_cast<cron_dialect>(i % 4);
            const auto text = draw.expression(dialect);
            const auto e = cron_expression::parse(text, dialect);
            if (!e || text.find("2020-") != text.npos) continue;
            // 2040 to 2100, and so 2440 to 2500; then steps across the end of the table.
            const auto from = from_unix_seconds(2'208'988'800 + i * std::int64_t{4'733'517});
            const auto next = e->next_after(from, zone);
            if (!next) continue;
            EXPECT_EQ(e->next_after(from + cycle, zone), *next + cycle) << text << " in " << name;
            for (auto at = from + cycle - hours{24 * 365 * 55 + i}; at < from + cycle;) {
                const auto then = e->next_after(at, zone);
                ASSERT_TRUE(then) << text;
                ASSERT_TRUE(e->matches(*then, zone)) << text << " in " << name;
                at = std::max(*then, at + hours{24 * 365 * 9});
            }
        }
    }
}

TEST(cron_properties, a_zone_keeps_its_present_rules_in_the_far_future) {
    const auto zone = time_zone::find("America/New_York").value();
    const auto e = cron_expression::parse("2 22 2 4 FRI", cron_dialect::holdfast).value();
    const auto next = e.next_after(from_unix_seconds(13'169'960'025), zone);
    EXPECT_EQ(next, from_unix_seconds(13'198'730'520));  // 2388-04-01, daylight saving
    EXPECT_TRUE(e.matches(*next, zone));
}

}  // namespace
}  // namespace holdfast::test
