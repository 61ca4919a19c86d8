// What the threads of this process hold of one lock object.
#pragma once

#include "holdfast/blocking_lease.hpp"

#include <map>
#include <mutex>
#include <thread>

namespace holdfast {

/// By thread: a thread whose lease was lost must not give back the one that another got since.
class thread_leases {
public:
    /// As the calling thread's, if it holds something; whether it does.
    bool keep(blocking_lease held) {
        if (!held) return false;
        const std::lock_guard guarded(guard_);
        held_[std::this_thread::get_id()] = std::move(held);
        return true;
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
    /// As an unlock() must not fail: a store that does not answer leaves the rest to the background
    /// and to the ttl.
    void give_back() {
        auto held = take();
        try {
            held.release();
        } catch (const boost::system::system_error&) {
        }
    }
    /// Reads the calling thread's hold, or an empty one.
    template <class Read>
    auto read(Read how) const {
        static const blocking_lease nothing;
        const std::lock_guard guarded(guard_);
        const auto found = held_.find(std::this_thread::get_id());
        return how(found == held_.end() ? nothing : found->second);
    }
    fencing_token fence() const {
        return read([](const blocking_lease& held) { return held.fence(); });
    }
    std::stop_token lost() const {
        return read([](const blocking_lease& held) { return held.lost(); });
    }
    lost_reason reason() const {
        return read([](const blocking_lease& held) { return held.reason(); });
    }

private:
    mutable std::mutex guard_;
    std::map<std::thread::id, blocking_lease> held_;
};

}  // namespace holdfast
