// What each thread of this process holds of one lock object.
#pragma once

#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace holdfast {

/// By thread: a thread whose lease was lost must not give back the one that another got since.
/// A default-made Hold is none. Any thread may call.
template <class Hold>
class held_by_thread {
public:
    void keep(Hold held) {
        const std::lock_guard guarded(guard_);
        held_[std::this_thread::get_id()] = std::move(held);
    }
    /// The calling thread's hold, which is then its own no more; none if it has none.
    Hold take() {
        const std::lock_guard guarded(guard_);
        auto found = held_.extract(std::this_thread::get_id());
        return found ? std::move(found.mapped()) : Hold();
    }
    /// Reads the calling thread's hold, or none.
    template <class Read>
    auto read(Read how) const {
        static const Hold none{};
        const std::lock_guard guarded(guard_);
        const auto found = held_.find(std::this_thread::get_id());
        return how(found == held_.end() ? none : found->second);
    }
    /// Every thread's, one after the other; for a destructor, when no thread calls any more.
    template <class Do>
    void drain(Do what) {
        for (auto& [thread, held] : std::exchange(held_, {})) what(std::move(held));
    }

private:
    mutable std::mutex guard_;
    std::map<std::thread::id, Hold> held_;
};

}  // namespace holdfast
