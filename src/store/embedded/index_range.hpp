// Index ranges of LRANGE, LTRIM, ZRANGE and ZREMRANGEBYRANK: negative counts from the end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace holdfast::embedded {

struct index_range {
    std::size_t first = 0;
    std::size_t end = 0;  ///< one past the last; first == end means empty
};

/// Clamps start and stop (inclusive) to a sequence of this size.
inline index_range clamp_range(std::int64_t start, std::int64_t stop, std::size_t size) noexcept {
    const auto n = static_cast<std::int64_t>(size);
    if (start < 0) start = std::max<std::int64_t>(0, start + n);
    if (stop < 0) stop += n;
    if (start > stop || start >= n) return {};
    stop = std::min(stop, n - 1);
    return {static_cast<std::size_t>(start), static_cast<std::size_t>(stop) + 1};
}

}  // namespace holdfast::embedded
