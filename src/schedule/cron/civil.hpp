// Days and dates of the proleptic Gregorian calendar, as plain integers.
#pragma once

#include <chrono>
#include <cstdint>

namespace holdfast::cron {

inline constexpr std::int64_t seconds_a_day = 86400;
/// After 400 years dates fall on the same weekdays again.
inline constexpr std::int64_t seconds_400_years = 146097 * seconds_a_day;
/// What the search accepts: years 1 to 9999, in Unix seconds.
inline constexpr std::int64_t first_second = -62'135'596'800;
inline constexpr std::int64_t last_second = 253'402'300'799;

struct civil_day {
    int year;
    unsigned month;  // 1 to 12
    unsigned day;    // 1 to 31
};

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b < 0 ? 1 : 0);
}

/// Days since 1970-01-01 to a date.
constexpr civil_day civil_from_days(std::int64_t days) noexcept {
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
    return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()}};
}

constexpr std::int64_t days_from_civil(int year, unsigned month, unsigned day) noexcept {
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    return std::chrono::sys_days{date}.time_since_epoch().count();
}

/// 0 is Sunday.
constexpr unsigned weekday_of_days(std::int64_t days) noexcept {
    return static_cast<unsigned>(days >= -4 ? (days + 4) % 7 : (days + 5) % 7 + 6);
}

constexpr bool is_leap(int year) noexcept { return std::chrono::year{year}.is_leap(); }

constexpr unsigned days_in_month(int year, unsigned month) noexcept {
    return month == 2 ? (is_leap(year) ? 29 : 28) : 30 + ((month ^ (month >> 3)) & 1);
}

}  // namespace holdfast::cron
