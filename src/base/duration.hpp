// Spans as people write them: 43200 (seconds), 12h, 30m, 10s, 250ms, 1h30m.
#pragma once

#include "holdfast/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// A bare number is seconds; otherwise numbers with the units d, h, m, s and ms, largest first,
/// each at most once. Nothing for anything else, including negative spans and those above 100
/// years.
std::optional<milliseconds> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads back: "1h30m", "250ms", "0s".
std::string format_duration(milliseconds span);

}  // namespace holdfast
