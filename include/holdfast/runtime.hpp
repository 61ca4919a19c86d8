// SEAM 1: everything nondeterministic that a room may not do by itself.
#pragma once

#include "holdfast/time.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <span>

namespace holdfast {

/// A coroutine of this library. Runs on its runtime's executor.
template <class T = void>
using task = boost::asio::awaitable<T>;

/// Told that a sleep is over: nothing, or operation_aborted when it was cancelled.
using sleep_handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;

/// Clocks, sleep, entropy and the executor of one thread of the process.
///
/// The daemon gives each of its threads an asio_runtime; the simulator gives each node of its fleet
/// a virtual one. Nothing else in the library reads a clock or draws a random number, which is what
/// lets whole fleets run in virtual time from a seed.
///
/// Thread rule: one thread runs the executor; every member is called from it, except executor().
class runtime {
public:
    /// Spans. Never steps, counts suspend.
    virtual steady_time now() const noexcept = 0;
    /// Calendars. May step; do not subtract two of them to measure a span.
    virtual wall_time wall_now() const noexcept = 0;
    /// Returns when now() >= the deadline, at once if that is already so.
    /// Cancellation (any type): throws boost::system::system_error{asio::error::operation_aborted}.
    task<void> sleep_until(steady_time deadline);
    /// The same without a coroutine, so that a sleep which is cancelled, as most are, costs no
    /// exception. The handler is called through the executor, never from within this call; its
    /// cancellation slot cancels (any type).
    virtual void async_sleep_until(steady_time deadline, sleep_handler on_wake) = 0;
    /// Cryptographically strong bytes.
    virtual void fill_random(std::span<std::byte> out) = 0;
    virtual boost::asio::any_io_executor executor() = 0;

protected:
    ~runtime() = default;  // nobody owns through the seam
};

}  // namespace holdfast
