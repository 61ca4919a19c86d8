// One read of the store for all who wait for it, at most ten a second.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"
#include "runtime/wake_event.hpp"

#include <cstdint>
#include <functional>

namespace holdfast {

/// Lets callers wait for a read that began after they asked. Lives on one runtime.
class shared_read {
public:
    using reader = std::function<task<error_code>()>;

    shared_read(runtime& rt, reader read)
        : runtime_(rt), read_(std::move(read)), finished_event_(rt.executor()) {}

    /// Returns what the first read said that began after this call. errc::overloaded: too many
    /// wait.
    task<error_code> read_now();

private:
    static constexpr milliseconds least_pause{100};
    static constexpr int most_waiting = 1024;

    struct turn;  // ends the reader's turn, however it ends
    task<void> lead();

    runtime& runtime_;
    reader read_;
    wake_event finished_event_;
    steady_time next_allowed_ = {};
    std::uint64_t started_ = 0;
    std::uint64_t finished_ = 0;
    error_code said_;
    bool leading_ = false;
    int waiting_ = 0;
};

}  // namespace holdfast
