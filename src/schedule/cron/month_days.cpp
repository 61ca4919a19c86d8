// Month masks: weekday patterns are rotated to the month's first weekday, then laid out by week.
#include "schedule/cron/month_days.hpp"

#include <bit>

namespace holdfast::cron {
namespace {

constexpr unsigned saturday = 6;
constexpr unsigned sunday = 0;

// Seven bits by weekday become seven bits by day, for a week that begins on `first`.
constexpr std::uint32_t week_from(std::uint32_t weekdays, unsigned first) noexcept {
    return ((weekdays >> first) | (weekdays << (7 - first))) & 0x7F;
}

constexpr unsigned weekday_of(unsigned day, unsigned first_weekday) noexcept {
    return (first_weekday + day - 1) % 7;
}

// The weekday nearest to a day within its month: Monday to Friday.
constexpr unsigned nearest_workday(unsigned day, unsigned length, unsigned first_weekday) noexcept {
    const auto weekday = weekday_of(day, first_weekday);
    if (weekday == saturday) return day == 1 ? 3 : day - 1;
    if (weekday == sunday) return day == length ? day - 2 : day + 1;
    return day;
}

std::uint32_t special_days(const cron_fields& f, unsigned length, unsigned first,
                           bool spring) noexcept {
    std::uint32_t days = 0;
    for (auto left = f.last; left != 0; left &= left - 1) {
        const auto back = static_cast<unsigned>(std::countr_zero(left));
        if (back < length) days |= 1U << (length - back);
    }
    for (auto left = f.last_workday; left != 0; left &= left - 1) {
        const auto back = static_cast<unsigned>(std::countr_zero(left));
        if (back < length) days |= 1U << nearest_workday(length - back, length, first);
    }
    for (auto left = f.nearest_workday; left != 0; left &= left - 1) {
        const auto day = static_cast<unsigned>(std::countr_zero(left));
        if (day > length) continue;
        if (spring && day == length && weekday_of(day, first) == sunday) continue;
        days |= 1U << nearest_workday(day, length, first);
    }
    return days;
}

std::uint32_t special_weekdays(const cron_fields& f, unsigned length, unsigned first) noexcept {
    std::uint64_t days = 0;
    for (unsigned week = 0; week < 5; ++week) {
        const auto wanted = static_cast<std::uint32_t>(f.nth_weekday >> (7 * week)) & 0x7F;
        days |= std::uint64_t{week_from(wanted, first)} << (7 * week + 1);
    }
    const auto tail = length - 6;  // the last seven days hold each weekday once
    days |= std::uint64_t{week_from(f.last_weekday, weekday_of(tail, first))} << tail;
    return static_cast<std::uint32_t>(days);
}

}  // namespace

std::uint32_t month_days(const cron_fields& f, unsigned length, unsigned first_weekday,
                         bool spring) noexcept {
    auto by_day = static_cast<std::uint32_t>(f.day.bits);
    if ((f.last | f.last_workday | f.nearest_workday) != 0)
        by_day |= special_days(f, length, first_weekday, spring);
    constexpr std::uint64_t five_weeks = 0x10204081;  // a bit each seven
    auto by_weekday = static_cast<std::uint32_t>(
        (week_from(static_cast<std::uint32_t>(f.weekday.bits), first_weekday) * five_weeks) << 1);
    if ((f.nth_weekday | f.last_weekday) != 0)
        by_weekday |= special_weekdays(f, length, first_weekday);
    const auto within = static_cast<std::uint32_t>((std::uint64_t{2} << length) - 2);
    return (f.either_day ? by_day | by_weekday : by_day & by_weekday) & within;
}

}  // namespace holdfast::cron
