// Spans and moments as the standard's timed locks take them, as a span to wait for.
#pragma once

#include "holdfast/time.hpp"

#include <chrono>

namespace holdfast {

/// Without an end.
inline constexpr nanoseconds forever = nanoseconds::max();

/// At least the span; none for a negative one, forever for one too long for nanoseconds (292 years)
/// or that is not a number.
template <class Rep, class Period>
nanoseconds timeout_of(const std::chrono::duration<Rep, Period>& span) {
    using rough = std::chrono::duration<double>;
    if (rough(span) <= rough(0)) return nanoseconds{0};
    if (!(rough(span) < rough(forever))) return forever;
    return std::chrono::ceil<nanoseconds>(span);
}

/// The span from now on; none when the moment has passed.
template <class Clock, class Duration>
nanoseconds timeout_until(const std::chrono::time_point<Clock, Duration>& at) {
    const auto now = Clock::now();
    return at <= now ? nanoseconds{0} : timeout_of(at - now);
}

}  // namespace holdfast
