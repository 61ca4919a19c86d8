// The bounds of claims, for every reader of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast {

struct claim_limits {
    static constexpr std::int64_t end_of_year_9999 = 253402300799;
    static constexpr std::uint64_t most_count = (std::uint64_t{1} << 53) - 1;  ///< exact in Lua
    static constexpr std::size_t text_bytes = 255;
    static constexpr std::size_t sid_bytes = 64;
    static constexpr int audiences = 16;
};

}  // namespace holdfast
