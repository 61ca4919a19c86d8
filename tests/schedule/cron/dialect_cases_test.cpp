// Fire times and refusals of each dialect, as the originals' own tests and runs give them.
#include "holdfast/cron.hpp"
#include "schedule/cron/tsv.hpp"

#include <gtest/gtest.h>

#include <map>

namespace holdfast::test {
namespace {

enum next_column { dialect, expression, zone, base, expected, source, note };

time_zone zone_named(const std::string& name) {
    static std::map<std::string, time_zone> known;
    const auto [at, added] = known.try_emplace(name);
    if (added) at->second = time_zone::find(name).value();
    return at->second;
}

// As many fire times as were expected, in the notation of the file.
std::string fire_times(const cron_expression& e, const time_zone& in, wall_time from,
                       std::size_t count) {
    std::string all;
    for (; count != 0; --count) {
        const auto next = e.next_after(from, in);
        all += (all.empty() ? "" : ",") + (next ? in.format(*next) : std::string("none"));
        if (!next) break;
        from = *next;
    }
    return all;
}

TEST(cron_dialects, fire_when_the_originals_do) {
    const auto rows = read_tsv("cron_next.tsv");
    ASSERT_GT(rows.size(), 800U);
    for (const auto& row : rows) {
        SCOPED_TRACE(row[dialect] + " | " + row[expression] + " | " + row[base] + " | " +
                     row[note]);
        cron_problem why;
        const auto parsed =
            cron_expression::parse(row[expression], *cron_dialect_of(row[dialect]), 0, &why);
        if (!parsed) {
            ADD_FAILURE() << why.message;
            continue;
        }
        const auto in = zone_named(row[zone]);
        const auto count = split(row[expected], ',').size();
        EXPECT_EQ(fire_times(*parsed, in, parse_instant(row[base]).value(), count), row[expected]);
    }
}

TEST(cron_dialects, refuse_what_the_originals_refuse) {
    const auto rows = read_tsv("cron_invalid.tsv");
    ASSERT_GT(rows.size(), 100U);
    for (const auto& row : rows) {
        const auto text = row[1] == "(empty)" ? std::string() : row[1];
        cron_problem why;
        const auto parsed = cron_expression::parse(text, *cron_dialect_of(row[0]), 0, &why);
        EXPECT_FALSE(parsed) << row[0] << " | " << text << " | " << row[2];
        EXPECT_EQ(parsed.error(), errc::invalid_argument);
        EXPECT_FALSE(why.message.empty()) << text;
        EXPECT_LE(why.position + why.length, std::max<std::size_t>(text.size(), 1)) << text;
    }
}

}  // namespace
}  // namespace holdfast::test
