// A wake-up that cannot be lost between looking and waiting.
#pragma once

#include "runtime/wake_event.hpp"

#include <cstdint>

namespace holdfast::schedule {

/// Counts changes. Read seen(), look at the state, then wait for a change past what was seen.
class change_signal {
public:
    explicit change_signal(runtime& rt) : rt_(&rt), event_(rt.executor()) {}

    std::uint64_t seen() const noexcept { return changes_; }
    void notify() {
        ++changes_;
        event_.notify_all();
    }
    /// Whether a change past `seen` came before the deadline.
    task<bool> changed(std::uint64_t seen, steady_time deadline) {
        bool in_time = true;
        while (in_time && changes_ == seen) in_time = co_await event_.wait_until(*rt_, deadline);
        co_return changes_ != seen;
    }

private:
    runtime* rt_;
    wake_event event_;
    std::uint64_t changes_ = 0;
};

}  // namespace holdfast::schedule
