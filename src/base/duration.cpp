// Reading and writing spans.
#include "base/duration.hpp"

#include <array>
#include <charconv>

namespace holdfast {
namespace {

struct unit {
    std::string_view suffix;
    std::int64_t ms;
};
constexpr std::array units{unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"m", 60'000},
                           unit{"s", 1'000}, unit{"ms", 1}};
constexpr std::int64_t longest_ms = std::int64_t{100} * 366 * 86'400'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits from the front; nothing when there are none or too many.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    if (digits == 0 || digits > 13) return std::nullopt;
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + digits, number);
    text.remove_prefix(digits);
    return number;
}

std::string_view take_letters(std::string_view& text) {
    std::size_t letters = 0;
    while (letters < text.size() && !is_digit(text[letters])) ++letters;
    const auto taken = text.substr(0, letters);
    text.remove_prefix(letters);
    return taken;
}

std::optional<milliseconds> checked(std::int64_t ms) {
    if (ms > longest_ms) return std::nullopt;
    return milliseconds{ms};
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    std::int64_t total = 0;
    std::size_t next_unit = 0;
    for (bool first = true; first || !text.empty(); first = false) {
        const auto number = take_number(text);
        if (!number) return std::nullopt;
        if (first && text.empty())
            return *number > longest_ms / 1000 ? std::nullopt : checked(*number * 1000);
        const auto suffix = take_letters(text);
        while (next_unit < units.size() && units[next_unit].suffix != suffix) ++next_unit;
        if (next_unit == units.size()) return std::nullopt;
        const auto ms = units[next_unit++].ms;
        if (*number > longest_ms / ms) return std::nullopt;
        total += *number * ms;
    }
    return checked(total);
}

std::string format_duration(milliseconds span) {
    auto left = span.count();
    std::string text;
    for (const auto& [suffix, ms] : units) {
        if (left < ms) continue;
        text += std::to_string(left / ms);
        text += suffix;
        left %= ms;
    }
    return text.empty() ? "0s" : text;
}

}  // namespace holdfast
