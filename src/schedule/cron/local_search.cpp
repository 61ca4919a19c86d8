// The search: bits of the day first, then of the month, then month by month.
#include "schedule/cron/local_search.hpp"

#include "schedule/cron/civil.hpp"
#include "schedule/cron/month_days.hpp"

#include <bit>

namespace holdfast::cron {
namespace {

constexpr int first_listed_year = 1970;

// The first bit set at or above `from`, or -1.
constexpr int next_bit(std::uint64_t bits, unsigned from) noexcept {
    if (from > 63) return -1;
    const auto left = bits >> from << from;
    return left == 0 ? -1 : std::countr_zero(left);
}

// The first allowed year at or after `year`, or -1.
int next_year(const cron_fields& f, int year) noexcept {
    if (f.any_year()) return year;
    if (year < first_listed_year) year = first_listed_year;
    auto index = static_cast<unsigned>(year - first_listed_year);
    for (auto word = index / 64; word < f.years.size(); ++word, index = word * 64)
        if (const auto bit = next_bit(f.years[word], index % 64); bit >= 0)
            return first_listed_year + static_cast<int>(word * 64) + bit;
    return -1;
}

struct month {
    int year;
    unsigned number;
};

// The first allowed month at or after `from`; year -1 when the listed years are over.
month next_month(const cron_fields& f, month from) noexcept {
    const auto year = next_year(f, from.year);
    if (year == from.year)
        if (const auto bit = next_bit(f.month.bits, from.number); bit >= 0)
            return {year, static_cast<unsigned>(bit)};
    const auto later = year == from.year ? next_year(f, year + 1) : year;
    return {later, static_cast<unsigned>(std::countr_zero(f.month.bits))};
}

std::uint32_t days_of(const cron_fields& f, bool spring, month m, std::int64_t first_day) noexcept {
    return month_days(f, days_in_month(m.year, m.number), weekday_of_days(first_day), spring);
}

std::int64_t first_time_of_day(const cron_fields& f) noexcept {
    return std::countr_zero(f.hour.bits) * 3600 + std::countr_zero(f.minute.bits) * 60 +
           std::countr_zero(f.second.bits);
}

// Midnight of the first allowed day in the month or later, within 400 years.
std::int64_t first_day_from(const cron_fields& f, bool spring, month m) noexcept {
    for (const int last = m.year + 400; m.year <= last; ++m.number) {
        m = next_month(f, m);
        if (m.year < 0) return never;
        const auto first = days_from_civil(m.year, m.number, 1);
        if (const auto days = days_of(f, spring, m, first); days != 0)
            return (first + std::countr_zero(days) - 1) * seconds_a_day;
    }
    return never;
}

}  // namespace

std::int64_t next_time_of_day(const cron_fields& f, std::int64_t from) noexcept {
    const auto hour = static_cast<unsigned>(from / 3600);
    const auto minute = static_cast<unsigned>(from / 60 % 60);
    const auto second = static_cast<unsigned>(from % 60);
    if ((f.hour.bits >> hour & 1) != 0) {
        if ((f.minute.bits >> minute & 1) != 0)
            if (const auto s = next_bit(f.second.bits, second); s >= 0) return from / 60 * 60 + s;
        if (const auto m = next_bit(f.minute.bits, minute + 1); m >= 0)
            return from / 3600 * 3600 + m * 60 + std::countr_zero(f.second.bits);
    }
    const auto h = next_bit(f.hour.bits, hour + 1);
    if (h < 0) return -1;
    return h * 3600 + std::countr_zero(f.minute.bits) * 60 + std::countr_zero(f.second.bits);
}

std::int64_t next_local(const cron_fields& f, bool spring, std::int64_t from) noexcept {
    const auto days = floor_divide(from, seconds_a_day);
    const auto date = civil_from_days(days);
    month m{date.year, date.month};
    const bool this_month = (f.month.bits >> m.number & 1) != 0 && next_year(f, m.year) == m.year;
    if (this_month) {
        const auto first = days - date.day + 1;
        const auto allowed = days_of(f, spring, m, first);
        if ((allowed >> date.day & 1) != 0)
            if (const auto time = next_time_of_day(f, from - days * seconds_a_day); time >= 0)
                return days * seconds_a_day + time;
        if (const auto day = next_bit(allowed, date.day + 1); day >= 0)
            return (first + day - 1) * seconds_a_day + first_time_of_day(f);
    }
    ++m.number;  // 13 is past December: next_month() goes on with the year after
    const auto day = first_day_from(f, spring, m);
    return day == never ? never : day + first_time_of_day(f);
}

bool has_dates(const cron_fields& f, bool spring) noexcept {
    const bool weekdays = f.weekday.bits != 0;
    constexpr std::uint64_t in_every_month = 0x1FFF'FFFE;  // 1 to 28
    // Each of these days falls on each weekday in some year.
    if (f.any_year() && weekdays && (f.day.bits & in_every_month) != 0) return true;
    return first_day_from(f, spring, {f.any_year() ? 2000 : first_listed_year, 1}) != never;
}

}  // namespace holdfast::cron
