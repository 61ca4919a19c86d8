// Races an operation against a point in time, real or virtual.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>

#include <exception>
#include <optional>
#include <variant>

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

/// For operations whose value is a variant: operator|| would merge its alternatives with those of
/// the race, and the index would no longer say which side came first.
template <class... Ts>
task<std::optional<std::variant<Ts...>>> before_deadline(runtime& rt, steady_time deadline,
                                                         task<std::variant<Ts...>> operation) {
    using wrapped = std::optional<std::variant<Ts...>>;
    auto wrap = [](task<std::variant<Ts...>> inner) -> task<wrapped> {
        co_return co_await std::move(inner);
    };
    auto opaque = wrap(std::move(operation));
    auto first = co_await before_deadline(rt, deadline, std::move(opaque));
    co_return first ? std::move(*first) : std::nullopt;
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
