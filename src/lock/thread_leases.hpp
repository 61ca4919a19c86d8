// What the threads of this process hold of one lock object.
#pragma once

#include "holdfast/blocking_lease.hpp"

#include <unistd.h>

#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace holdfast {

/// By thread: a thread whose lease was lost must not give back the one that another got since.
class thread_leases {
public:
    void keep(blocking_lease held) {
        const std::lock_guard guarded(guard_);
        held_[std::this_thread::get_id()] = std::move(held);
    }
    /// The calling thread's hold, which is then its own no more; an empty one if it has none.
    blocking_lease take() {
        const std::lock_guard guarded(guard_);
        const auto found = held_.find(std::this_thread::get_id());
        if (found == held_.end()) return {};
        auto held = std::move(found->second);
        held_.erase(found);
        return held;
    }
    /// Reads the calling thread's hold.
    template <class Read>
    auto read(Read how) const {
        static const blocking_lease nothing;
        const std::lock_guard guarded(guard_);
        const auto found = held_.find(std::this_thread::get_id());
        return how(found == held_.end() ? nothing : found->second);
    }

private:
    mutable std::mutex guard_;
    std::map<std::thread::id, blocking_lease> held_;
};

/// The calling thread, as deadlock detection and inspection name it.
inline acquire_options by_this_thread() {
    acquire_options options;
    options.agent = "thread-" + std::to_string(gettid());
    return options;
}

/// When to give up, for a span from now; the largest span means never.
inline steady_time after(steady_time now, nanoseconds span) {
    return span >= steady_time::max() - now ? steady_time::max() : now + span;
}

/// What a blocking attempt came to: a hold, an empty one when the answer was "not now"; other
/// trouble is thrown.
inline blocking_lease hold_or_nothing(result<blocking_lease> taken, const lock_name& name) {
    if (taken) return std::move(*taken);
    const auto why = errc_of(taken.error());
    if (why == errc::busy || why == errc::timed_out) return {};
    throw boost::system::system_error(taken.error(), "lock " + name.str());
}

}  // namespace holdfast
