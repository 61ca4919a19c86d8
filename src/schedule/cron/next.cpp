// Fire times on the real clock: local times carried through a zone's changes of offset.
#include "holdfast/cron.hpp"
#include "schedule/cron/civil.hpp"
#include "schedule/cron/local_search.hpp"
#include "schedule/cron/spring_clock.hpp"
#include "schedule/cron/zone_table.hpp"

#include <algorithm>

namespace holdfast {
namespace {

using namespace cron;
using gap_rule = cron_fields::gap_rule;
using overlap_rule = cron_fields::overlap_rule;

// Vixie's daemon takes a larger jump for a correction of the clock.
constexpr std::int64_t largest_vixie_jump = 3 * 3600;

// Walks a zone's segments. Within one, local and real time run in step; what happens at a change is
// the dialect's rule:
//   gap      local times that do not exist: skipped, or one run at the change for all of them
//   overlap  local times that come twice: the first, the second, or both count
class zone_walk {
public:
    zone_walk(const cron_fields& f, cron_dialect dialect, const zone_table& table)
        : f_(f), dialect_(dialect), table_(table) {}

    std::int64_t after(std::int64_t t) const noexcept {
        auto i = table_.index_at(t);
        auto lowest = t + table_[i].offset + 1;  // no candidate lies in [lowest, candidate)
        auto candidate = never;
        for (bool known = false;; ++i) {
            const auto& segment = table_[i];
            const auto from = std::max(t + 1 + segment.offset, first_local(segment));
            if (!known || from < lowest || from > candidate) {
                candidate = next_local(f_, dialect_ == cron_dialect::spring, from);
                if (candidate == never) return never;
                lowest = from;
                known = true;
            }
            if (i + 1 == table_.size()) return candidate - segment.offset;
            if (candidate < end_local(segment)) return candidate - segment.offset;
            if (candidate < segment.end + segment.after && runs_after_gap(segment))
                return segment.end;
            i = skip_to(i, candidate);
        }
    }

private:
    bool small(std::int64_t jump) const noexcept {
        return dialect_ != cron_dialect::vixie || jump <= largest_vixie_jump;
    }

    // Where the segment's own local times begin: after those its predecessor has fired.
    std::int64_t first_local(const zone_segment& s) const noexcept {
        if (s.start == std::numeric_limits<std::int64_t>::min()) return s.start / 2;
        const bool again = s.before > s.offset && f_.overlap == overlap_rule::first;
        return s.start + (again && small(s.before - s.offset) ? s.before : s.offset);
    }

    // Where they end: before those its successor will fire.
    std::int64_t end_local(const zone_segment& s) const noexcept {
        const bool again = s.after < s.offset && f_.overlap == overlap_rule::second;
        return s.end + (again ? s.after : s.offset);
    }

    bool runs_after_gap(const zone_segment& s) const noexcept {
        return s.after > s.offset && f_.gap == gap_rule::run_after && small(s.after - s.offset);
    }

    // The last segment that need not be looked at: the one before any that could hold the local
    // time. Offsets are within a day or so of each other.
    std::size_t skip_to(std::size_t i, std::int64_t local) const noexcept {
        const auto near = table_.index_at(local - 2 * seconds_a_day);
        return near > i + 1 ? near - 1 : i;
    }

    const cron_fields& f_;
    cron_dialect dialect_;
    const zone_table& table_;
};

// Quartz reads a base in the first pass of an overlap as the same local time of the second.
std::int64_t as_quartz_reads(const zone_table& table, std::int64_t t) noexcept {
    const auto& segment = table[table.index_at(t)];
    const auto again = segment.offset - segment.after;
    return again > 0 && t >= segment.end - again ? t + again : t;
}

std::int64_t next_in_table(const cron_fields& f, cron_dialect dialect, const zone_table& table,
                           std::int64_t base, bool as_original) noexcept {
    if (dialect == cron_dialect::quartz && as_original) base = as_quartz_reads(table, base);
    auto found = never;
    if (dialect == cron_dialect::spring) found = next_by_spring(f, table, base);
    return found != never ? found : zone_walk(f, dialect, table).after(base);
}

// Behind the end of the table everything repeats, dates and weekdays included, what came 400 years
// earlier, but no more than that: before those the zone had other rules. Listed years end long
// before.
std::int64_t next_in_zone(const cron_fields& f, cron_dialect dialect, const zone_table* table,
                          std::int64_t t, bool as_original) noexcept {
    if (table == nullptr) return next_local(f, dialect == cron_dialect::spring, t + 1);
    if (!table->repeats() || !f.any_year())
        return next_in_table(f, dialect, *table, t, as_original);
    const auto end = table->horizon();
    for (std::int64_t moved = 0;; t = end - 1 + moved, as_original = false) {
        if (t - moved >= end - 1)
            moved += ((t - moved - end + 1) / seconds_400_years + 1) * seconds_400_years;
        const auto found = next_in_table(f, dialect, *table, t - moved, as_original);
        if (found == never) return never;
        if (found < end) return found + moved;
    }
}

}  // namespace

std::optional<wall_time> cron_expression::next_after(wall_time t, const time_zone& zone) const {
    return search(t, zone, true);
}

std::optional<wall_time> cron_expression::search(wall_time t, const time_zone& zone,
                                                 bool as_original) const {
    if (never_) return {};
    const auto now = std::max(to_unix_seconds(t), first_second);
    if (now >= last_second) return {};
    auto next = never;
    switch (form_) {
        case form::fields:
            next =
                next_in_zone(fields_, dialect_, (zone_ ? *zone_ : zone).table(), now, as_original);
            break;
        case form::every:
            next = anchor_ + (floor_divide(now - anchor_, number_) + 1) * number_;
            break;
        case form::at:
            if (now < number_) next = number_;
            break;
        case form::manual:
        case form::reboot: break;
    }
    if (next > last_second) return {};
    return from_unix_seconds(next);
}

// The search never decreases as its argument grows, so the last fire time before `t` is what
// follows the greatest second whose successor still lies before `t`: found by bisection.
std::optional<wall_time> cron_expression::last_before(wall_time t, const time_zone& zone,
                                                      wall_time not_before) const {
    const auto end = t - microseconds{1};
    const auto before = [&](std::int64_t s) {
        const auto next = search(from_unix_seconds(s), zone, false);
        return next && *next <= end;
    };
    const auto floor = to_unix_seconds(not_before - microseconds{1});
    auto high = to_unix_seconds(end);
    auto low = high;
    for (std::int64_t span = 1; !before(low); span *= 2) {
        if (low <= floor) return {};
        high = low;
        low = std::max(floor, high - span);
    }
    while (high - low > 1) {
        const auto middle = low + (high - low) / 2;
        (before(middle) ? low : high) = middle;
    }
    return search(from_unix_seconds(low), zone, false);
}

bool cron_expression::matches(wall_time t, const time_zone& zone) const {
    const auto second = from_unix_seconds(to_unix_seconds(t));
    return search(second - seconds{1}, zone, false) == second;
}

void cron_expression::anchor(wall_time at) noexcept {
    if (form_ == form::every) anchor_ = to_unix_seconds(at);
}

}  // namespace holdfast
