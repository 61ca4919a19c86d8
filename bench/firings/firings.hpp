// Firings: a claim and its completion, by the room of schedules and by a bare hiredis loop.
#pragma once

#include "timed.hpp"

namespace holdfast::bench {

/// The fire times of the loops: 2001, one millisecond after another, so all are due.
inline constexpr std::int64_t first_fire_time_ms = 1'000'000'000'000;

/// Claims with completions a second on one connection with `in_flight` jobs at once; 0 when the
/// server does not answer as it should.
double bare_firings(const runtime& rt, int port, int in_flight, nanoseconds span);

}  // namespace holdfast::bench
