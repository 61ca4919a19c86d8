// How long to wait before the next attempt to connect.
#pragma once

#include "holdfast/time.hpp"

#include <algorithm>
#include <cstdint>

namespace holdfast {

/// Doubles from 20 ms to 2 s; of each span a random half is taken off, so that a fleet that lost
/// one Redis does not come back in step. The first attempt after a connection that worked is at
/// once.
class backoff {
public:
    static constexpr milliseconds first{20};
    static constexpr milliseconds cap{2000};

    /// `random`: any 64 random bits.
    nanoseconds next(std::uint64_t random) noexcept {
        const nanoseconds span = span_;
        span_ = std::min(span_ * 2, cap);
        const auto half = static_cast<std::uint64_t>(span.count() / 2);
        return span - nanoseconds(static_cast<std::int64_t>(random % (half + 1)));
    }
    void reset() noexcept { span_ = first; }

private:
    milliseconds span_ = first;
};

}  // namespace holdfast
