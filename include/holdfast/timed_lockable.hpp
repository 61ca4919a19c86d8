// The calls of the standard's TimedLockable over one.
#pragma once

#include "holdfast/timeout.hpp"

#include <chrono>

namespace holdfast {

/// Mutex derives from it and has `bool take(nanoseconds patience)`: waits for at most so long (0:
/// one try, `forever`: without an end) and says whether it is held then.
template <class Mutex>
class timed_lockable {
public:
    void lock() { of_mutex().take(forever); }
    bool try_lock() { return of_mutex().take(nanoseconds{0}); }
    template <class Rep, class Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& span) {
        return of_mutex().take(timeout_of(span));
    }
    template <class Clock, class Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& at) {
        return of_mutex().take(timeout_until(at));
    }

private:
    friend Mutex;
    timed_lockable() = default;
    Mutex& of_mutex() { return static_cast<Mutex&>(*this); }
};

}  // namespace holdfast
