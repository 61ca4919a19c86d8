// Notices that the store's wall clock stepped: leases there end by it. Pure.
#pragma once

#include "holdfast/time.hpp"

#include <cstdint>
#include <optional>

namespace holdfast {

/// Compares the store's clock with our steady one, look by look.
class clock_watch {
public:
    /// How much of a step is noticed; drift of 1 % between two looks is none.
    static constexpr microseconds noticed{500'000};
    /// Between two looks of one process.
    static constexpr milliseconds pause{500};

    /// Whether it is time for a look; if so, the next one is due later.
    bool due(steady_time now) noexcept;

    /// The store said `store_time` somewhere between the two instants. The step since the last look
    /// (negative: back), if there was one. After a reconnect (another epoch) it may be another
    /// server, so nothing is concluded.
    std::optional<microseconds> look(microseconds store_time, steady_time asked_at,
                                     steady_time answered_at, std::uint64_t epoch) noexcept;

private:
    struct offset {
        microseconds least;  // of the store's clock against ours
        microseconds most;
        steady_time at;
        std::uint64_t epoch;
    };
    std::optional<offset> last_;
    steady_time next_look_{};
};

}  // namespace holdfast
