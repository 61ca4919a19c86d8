// Notices when the store's clock steps.
#pragma once

#include "holdfast/time.hpp"

#include <optional>

namespace holdfast {

/// Compares the store's clock with ours at every answer that carries its time. The store read its
/// clock somewhere between question and answer, so a step is reported only if no moment in between
/// explains it, drift apart. Pure.
class clock_watch {
public:
    static constexpr microseconds threshold = milliseconds{500};

    /// How far the store's clock has moved against ours since the last call; nothing for less than
    /// the threshold, and for the first call.
    std::optional<microseconds> observe(microseconds store_time, steady_time asked,
                                        steady_time answered);
    /// Another server answers from now on.
    void forget() noexcept { known_ = false; }

private:
    bool known_ = false;
    microseconds least_{};  ///< store's time less ours, as far as the last answer tells
    microseconds most_{};
    steady_time at_{};
};

}  // namespace holdfast
