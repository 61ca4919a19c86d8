// The limit for locks: the same two scripts in a bare hiredis loop.
#pragma once

#include "holdfast/runtime.hpp"

namespace holdfast::bench {

/// Acquire and release pairs a second on one connection with `in_flight` locks at once; 0 when the
/// server does not answer as it should.
double bare_pairs(const runtime& rt, int port, int in_flight, nanoseconds span);

}  // namespace holdfast::bench
