// Fire times against a naive scan of every minute around every clock change, 1990 to 2040.
#include "holdfast/cron.hpp"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace holdfast::test {
namespace {

using civil = cctz::civil_second;
using instant = cctz::time_point<cctz::seconds>;
using lookup_kind = cctz::time_zone::civil_lookup;

struct pattern {
    std::string text;  // five fields
    std::function<bool(civil)> allows;
    bool fixed_here;   // holdfast: minute and hour are numbers or lists
    bool fixed_vixie;  // neither starts with a star
};

bool weekday_is(civil t, cctz::weekday day) { return cctz::get_weekday(cctz::civil_day(t)) == day; }

const std::vector<pattern>& patterns() {
    static const std::vector<pattern> all{
        {"* * * * *", [](civil) { return true; }, false, false},
        {"*/20 * * * *", [](civil t) { return t.minute() % 20 == 0; }, false, false},
        {"30 2 * * *", [](civil t) { return t.hour() == 2 && t.minute() == 30; }, true, true},
        {"0 0 * * *", [](civil t) { return t.hour() == 0 && t.minute() == 0; }, true, true},
        {"15,45 1,2 * * *",
         [](civil t) { return (t.hour() == 1 || t.hour() == 2) && t.minute() % 30 == 15; }, true,
         true},
        {"30 23 * * *", [](civil t) { return t.hour() == 23 && t.minute() == 30; }, true, true},
        {"0-40/10 0-3 * * *",
         [](civil t) { return t.hour() <= 3 && t.minute() <= 40 && t.minute() % 10 == 0; }, false,
         true},
        {"*/30 2 * * *", [](civil t) { return t.hour() == 2 && t.minute() % 30 == 0; }, false,
         false},
        {"5 */2 * * *", [](civil t) { return t.hour() % 2 == 0 && t.minute() == 5; }, false, false},
        {"0 1 * * SUN",
         [](civil t) {
             return t.hour() == 1 && t.minute() == 0 && weekday_is(t, cctz::weekday::sunday);
         },
         true, true},
        {"10 0 30 * *", [](civil t) { return t.hour() == 0 && t.minute() == 10 && t.day() == 30; },
         true, true},
    };
    return all;
}

struct change {
    instant at;
    civil gap_from;  // local times that do not exist: [gap_from, gap_to), empty for an overlap
    civil gap_to;
};

std::vector<change> changes_of(const cctz::time_zone& zone) {
    std::vector<change> changes;
    auto at = cctz::convert(civil(1990, 1, 1), zone);
    cctz::time_zone::civil_transition next;
    while (zone.next_transition(at, &next)) {
        at = zone.lookup(next.to).trans;
        if (at >= cctz::convert(civil(2041, 1, 1), zone)) break;
        changes.push_back({at, next.from, std::max(next.from, next.to)});
    }
    return changes;
}

enum class rule { holdfast, quartz, vixie };

// What the rule says for one window, from first principles.
std::set<std::int64_t> expected(const pattern& p, rule r, const cctz::time_zone& zone,
                                const change& around, instant from, instant to) {
    const bool fixed = r == rule::holdfast ? p.fixed_here : r == rule::vixie && p.fixed_vixie;
    constexpr std::int64_t three_hours = 3 * 3600;
    const bool correction = r == rule::vixie && around.gap_to - around.gap_from > three_hours;
    std::set<std::int64_t> times;
    for (auto t = from; t < to; t += cctz::seconds(60)) {
        const auto local = zone.lookup(t).cs;
        if (!p.allows(local)) continue;
        const auto both = zone.lookup(local);
        if (both.kind == lookup_kind::REPEATED) {
            if (fixed && t != both.pre) continue;
            if (r == rule::quartz && t != both.post) continue;
        }
        times.insert(t.time_since_epoch().count());
    }
    for (auto local = around.gap_from; local < around.gap_to; local += 60)
        if (fixed && !correction && p.allows(local))
            times.insert(around.at.time_since_epoch().count());
    return times;
}

std::set<std::int64_t> actual(const cron_expression& e, const time_zone& zone, instant from,
                              instant to) {
    std::set<std::int64_t> times;
    auto at = from_unix_seconds(from.time_since_epoch().count() - 1);
    const auto end = from_unix_seconds(to.time_since_epoch().count());
    while (const auto next = e.next_after(at, zone)) {
        if (*next >= end) break;
        if (*next <= at) throw std::logic_error("not later than its base");
        at = *next;
        times.insert(to_unix_seconds(at));
    }
    return times;
}

std::string text_for(const pattern& p, rule r) {
    if (r != rule::quartz) return p.text;
    auto text = "0 " + p.text;
    if (text.ends_with('*'))
        text.back() = '?';
    else
        text.replace(text.find(" * * ") + 1, 1, "?");
    return text;
}

class zone_scan : public testing::TestWithParam<const char*> {};

TEST_P(zone_scan, agrees_with_every_minute_around_every_change) {
    cctz::time_zone reference;
    ASSERT_TRUE(cctz::load_time_zone(GetParam(), &reference));
    const auto zone = time_zone::find(GetParam()).value();
    const auto changes = changes_of(reference);
    const std::pair<rule, cron_dialect> rules[] = {{rule::holdfast, cron_dialect::holdfast},
                                                   {rule::quartz, cron_dialect::quartz},
                                                   {rule::vixie, cron_dialect::vixie}};
    for (const auto& p : patterns()) {
        for (const auto& [r, dialect] : rules) {
            const auto e = cron_expression::parse(text_for(p, r), dialect).value();
            for (const auto& c : changes) {
                const auto from = c.at - cctz::seconds(30 * 3600);
                const auto to = c.at + cctz::seconds(30 * 3600);
                ASSERT_EQ(actual(e, zone, from, to), expected(p, r, reference, c, from, to))
                    << name_of(dialect) << ' ' << p.text << " around " << c.gap_from;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(zones, zone_scan,
                         testing::Values("America/New_York", "Europe/London", "Asia/Shanghai",
                                         "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo",
                                         "Asia/Beirut", "America/Sao_Paulo", "America/Havana",
                                         "Antarctica/Troll", "Asia/Kolkata"),
                         [](const auto& info) {
                             std::string name = info.param;
                             for (auto& c : name)
                                 if (c == '/') c = '_';
                             return name;
                         });

}  // namespace
}  // namespace holdfast::test
