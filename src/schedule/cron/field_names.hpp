// The names that may stand for numbers, and what the fields are called.
#pragma once

#include "schedule/cron/field_parser.hpp"

#include <array>
#include <string_view>

namespace holdfast::cron {

inline constexpr std::array<std::string_view, 12> month_names{
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

inline constexpr std::array<std::string_view, 7> weekday_names{
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

inline constexpr std::array<std::string_view, 7> field_titles{
    "second", "minute", "hour", "day of the month", "month", "day of the week", "year"};

constexpr std::string_view title_of(field_kind kind) noexcept {
    return field_titles[static_cast<std::size_t>(kind)];
}

constexpr char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// The first three letters in one number, case folded.
constexpr std::uint32_t three_letters(std::string_view word) noexcept {
    std::uint32_t letters = 0;
    for (const char c : word.substr(0, 3))
        letters = letters << 8 | static_cast<unsigned char>(upper(c));
    return letters;
}

template <std::size_t N>
constexpr std::array<std::uint32_t, N> short_names(
    const std::array<std::string_view, N>& names) noexcept {
    std::array<std::uint32_t, N> all{};
    for (std::size_t i = 0; i < N; ++i) all[i] = three_letters(names[i]);
    return all;
}
inline constexpr auto short_month_names = short_names(month_names);
inline constexpr auto short_weekday_names = short_names(weekday_names);

/// Whether they are the same but for case.
constexpr bool same_word(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (upper(a[i]) != upper(b[i])) return false;
    return true;
}

}  // namespace holdfast::cron
