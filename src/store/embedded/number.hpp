// Numbers in text, read and written exactly as Redis does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::embedded {

/// A canonical decimal integer: no sign but a minus, no leading zero, no space.
std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

/// A score or an increment: all of the text, no leading space, not NaN; "inf" and "-inf" allowed.
std::optional<double> parse_score(std::string_view text);

/// One end of a score range: "(1.5" excludes the score itself.
struct score_bound {
    double score = 0;
    bool exclusive = false;
};
std::optional<score_bound> parse_score_bound(std::string_view text);

/// 17 significant digits: reads back to the same double.
std::string format_double(double number);

/// The digits of a whole number, as "%.17g" and "%.0f" print it too, and how many; 0 for a
/// fraction, -0, and what a double does not hold exactly.
std::size_t whole_digits(double number, std::span<char> out) noexcept;

/// ASCII case-insensitive equality; the second argument is lower case.
bool is_word(std::string_view text, std::string_view lower) noexcept;

}  // namespace holdfast::embedded
