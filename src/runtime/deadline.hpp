// Races an operation against a point in time, real or virtual.
#pragma once

#include "holdfast/runtime.hpp"

#include <optional>

namespace holdfast {

/// Whether the operation ended before the deadline. If not it has been cancelled, and has ended
/// when this returns. What it throws in time is thrown here, at once. Cancellation (any type)
/// reaches the operation and throws operation_aborted.
task<bool> before_deadline(runtime& rt, steady_time deadline, task<void> operation);

/// For operations with a value: it, or nothing when the deadline came first.
template <class T>
task<std::optional<T>> before_deadline(runtime& rt, steady_time deadline, task<T> operation) {
    std::optional<T> value;
    auto keep = [](std::optional<T>& into, task<T> from) -> task<void> {
        auto got = co_await std::move(from);
        into.emplace(std::move(got));
    };
    auto kept = keep(value, std::move(operation));
    const bool in_time = co_await before_deadline(rt, deadline, std::move(kept));
    if (!in_time) value.reset();
    co_return value;
}

}  // namespace holdfast
