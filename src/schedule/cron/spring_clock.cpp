// Field-by-field stepping on a zoned date-time, for times next to a change of offset.
#include "schedule/cron/spring_clock.hpp"

#include "schedule/cron/civil.hpp"
#include "schedule/cron/local_search.hpp"

#include <algorithm>
#include <bit>

namespace holdfast::cron {
namespace {

// A point in time with its local reading, as java.time.ZonedDateTime keeps it.
class zoned_time {
public:
    zoned_time(const zone_table& table, std::int64_t unix_seconds)
        : table_(table), unix_(unix_seconds), offset_(offset_at(unix_seconds)) {}

    std::int64_t unix_seconds() const { return unix_; }
    std::int64_t local() const { return unix_ + offset_; }
    std::int64_t part(std::int64_t unit, std::int64_t size) const {
        const auto count = floor_divide(local(), unit);
        return count - floor_divide(count, size) * size;  // also before 1970
    }
    void add(std::int64_t seconds) {
        unix_ += seconds;
        offset_ = offset_at(unix_);
    }
    // The same offset where that local time has it, else the earlier one; a gap is jumped over.
    void set_local(std::int64_t local) {
        const auto same = local - offset_;
        unix_ = offset_at(same) == offset_ ? same : resolve(local);
        offset_ = offset_at(unix_);
    }

private:
    std::int64_t offset_at(std::int64_t t) const { return table_[table_.index_at(t)].offset; }
    std::int64_t resolve(std::int64_t local) const {
        auto i = table_.index_at(local - 2 * seconds_a_day);
        while (i + 1 < table_.size() && local >= table_[i].end + table_[i].offset) ++i;
        const auto& segment = table_[i];
        return local - (local < segment.start + segment.offset ? segment.before : segment.offset);
    }

    const zone_table& table_;
    std::int64_t unix_;
    std::int64_t offset_;
};

// One field: `unit` seconds long, `size` of them in the next higher one.
struct level {
    std::uint64_t bits;
    std::int64_t unit;
    std::int64_t size;
};

std::int64_t next_value(const level& l, std::int64_t from) {
    const auto left = l.bits >> from << from;
    return left == 0 ? -1 : std::countr_zero(left);
}

void set_part(zoned_time& time, const level& l, std::int64_t value) {
    time.set_local(time.local() + (value - time.part(l.unit, l.size)) * l.unit);
}

// Into the next higher unit: a day by the calendar, hours and minutes by real time.
void roll(zoned_time& time, const level& l) {
    if (l.unit == 3600)
        time.set_local(time.local() + seconds_a_day);
    else
        time.add(l.unit * l.size);
    set_part(time, l, 0);
}

// Moves to the field's next allowed value; false when it has one already.
bool advance(zoned_time& time, const level& l) {
    auto current = time.part(l.unit, l.size);
    auto next = next_value(l, current);
    if (next == current) return false;
    if (next < 0) {
        roll(time, l);
        next = next_value(l, 0);
        current = time.part(l.unit, l.size);
    }
    for (int tries = 0; current != next && tries < 366; ++tries) {
        if (const auto here = time.part(l.unit, l.size); here < next)
            set_part(time, l, next);
        else
            time.add((next + l.size - here) * l.unit);
        current = time.part(l.unit, l.size);
        next = next_value(l, current);
        if (next < 0) {
            roll(time, l);
            next = next_value(l, 0);
        }
    }
    const auto below = time.local() - floor_divide(time.local(), l.unit) * l.unit;
    time.set_local(time.local() - below);
    return true;
}

// To midnight of the next allowed day; false when today is one.
bool advance_day(zoned_time& time, const cron_fields& any_time) {
    const auto midnight = floor_divide(time.local(), seconds_a_day) * seconds_a_day;
    const auto day = next_local(any_time, true, midnight);
    if (day == midnight || day == never) return false;
    time.set_local(day);
    return true;
}

}  // namespace

std::int64_t next_by_spring(const cron_fields& f, const zone_table& table,
                            std::int64_t t) noexcept {
    const auto& segment = table[table.index_at(t)];
    const auto candidate = next_local(f, true, t + segment.offset + 1);
    if (candidate == never) return never;
    if (segment.end == never || candidate < segment.end + segment.offset)
        return candidate - segment.offset;

    auto midnights = f;
    midnights.second.bits = midnights.minute.bits = midnights.hour.bits = 1;
    const level hour{f.hour.bits, 3600, 24};
    const level minute{f.minute.bits, 60, 60};
    const level second{f.second.bits, 1, 60};
    zoned_time time(table, t);
    bool fraction = true;  // Spring starts a nanosecond after t
    for (int tries = 0; tries < 366; ++tries) {
        bool moved = advance_day(time, midnights);
        moved |= advance(time, hour);
        moved |= advance(time, minute);
        moved |= advance(time, second);
        if (!moved && !fraction) return time.unix_seconds() > t ? time.unix_seconds() : never;
        if (!moved) time.add(1);
        fraction = false;
    }
    return never;
}

}  // namespace holdfast::cron
