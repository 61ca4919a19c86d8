// Races an operation against a point in time, real or virtual.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>

#include <exception>
#include <optional>

namespace holdfast {

/// The operation's value, or nothing when the deadline came first (the operation is then cancelled
/// and has ended when this returns). Cancellation reaches the operation
/// and throws operation_aborted.
template <class T>
task<std::optional<T>> before_deadline(runtime& rt, steady_time deadline, task<T> operation) {
    using namespace boost::asio::experimental::awaitable_operators;
    try {
        auto first = co_await (std::move(operation) || rt.sleep_until(deadline));
        if (first.index() == 0) co_return std::get<0>(std::move(first));
        co_return std::nullopt;
    } catch (const boost::asio::multiple_exceptions& both) {  // both were cancelled
        std::rethrow_exception(both.first_exception());
    }
}

/// For operations without a value: whether it ended before the deadline.
inline task<bool> before_deadline(runtime& rt, steady_time deadline, task<void> operation) {
    using namespace boost::asio::experimental::awaitable_operators;
    try {
        auto first = co_await (std::move(operation) || rt.sleep_until(deadline));
        co_return first.index() == 0;
    } catch (const boost::asio::multiple_exceptions& both) {
        std::rethrow_exception(both.first_exception());
    }
}

}  // namespace holdfast
