// Patterns of KEYS and SCAN.
#pragma once

#include <string_view>

namespace holdfast::embedded {

/// Whether the whole text matches: `*`, `?`, `[a-c]`, `[^x]`, `\` quotes. Bounded work: a pattern
/// of many stars cannot take exponential time.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace holdfast::embedded
