// Two intervals for one difference: if they lie apart, a clock has stepped.
#include "lock/clock_watch.hpp"

namespace holdfast {
namespace {

microseconds of(steady_time at) { return std::chrono::floor<microseconds>(at.time_since_epoch()); }

}  // namespace

std::optional<microseconds> clock_watch::observe(microseconds store_time, steady_time asked,
                                                 steady_time answered) {
    const auto least = store_time - of(answered);
    const auto most = store_time - of(asked);
    // Rates differ by less than 1 %: so much may have added up since the last answer.
    const auto drift = (of(answered) - of(at_)) / 100;
    std::optional<microseconds> step;
    if (known_ && least > most_ + drift + threshold) step = least - most_;
    if (known_ && most < least_ - drift - threshold) step = most - least_;
    known_ = true;
    least_ = least;
    most_ = most;
    at_ = answered;
    return step;
}

}  // namespace holdfast
