// Interval arithmetic: each look bounds the offset of the two clocks from both sides.
#include "lock/clock_watch.hpp"

namespace holdfast {

bool clock_watch::due(steady_time now) noexcept {
    if (now < next_look_) return false;
    next_look_ = now + pause;
    return true;
}

std::optional<microseconds> clock_watch::look(microseconds store_time, steady_time asked_at,
                                              steady_time answered_at,
                                              std::uint64_t epoch) noexcept {
    const auto us = [](steady_time t) {
        return std::chrono::floor<microseconds>(t.time_since_epoch());
    };
    const offset now{store_time - us(answered_at), store_time - us(asked_at), answered_at, epoch};
    const auto before = last_;
    last_ = now;
    if (!before || before->epoch != epoch) return std::nullopt;
    const auto drift = std::chrono::floor<microseconds>(answered_at - before->at) / 100;
    const auto margin = noticed + drift;
    if (now.least > before->most + margin) return now.least - before->most;
    if (now.most < before->least - margin) return now.most - before->least;
    return std::nullopt;
}

}  // namespace holdfast
