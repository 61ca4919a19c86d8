// Keeps the leases of one process alive: one timer and one pipeline for all of them.
#pragma once

#include "holdfast/runtime.hpp"
#include "runtime/wake_event.hpp"

#include <cstdint>
#include <memory>
#include <queue>
#include <vector>

namespace holdfast {

class held_lease;
struct lock_core;

/// Two orders of leases: by when each wants to be woken, and, among those that want to be extended
/// now, by when each would be lost. At most `in_flight_limit` extensions are with the store at
/// once; a burst of a hundred thousand leases then waits here, the most urgent first, and not in
/// the connection, where it would run into the time limit of its calls.
///
/// Used on the runtime's thread only. Its one coroutine runs while there are leases, and keeps the
/// core alive.
class keep_alive_rota {
public:
    static constexpr std::size_t in_flight_limit = 512;

    explicit keep_alive_rota(lock_core& core);

    void join(const std::shared_ptr<held_lease>& lease);
    /// Every lease that joined leaves once.
    void leave();
    /// Calls lease->wake(at) when the time has come; the lease itself knows which call it still
    /// wants.
    void wake_at(steady_time at, const std::shared_ptr<held_lease>& lease);
    /// Calls lease->extend_now() as soon as its turn comes.
    void extend(steady_time lost_at, const std::shared_ptr<held_lease>& lease);
    /// An extension has been answered, or given up.
    void answered();

private:
    struct entry {
        steady_time at;
        std::weak_ptr<held_lease> lease;
        friend bool operator<(const entry& a, const entry& b) { return a.at > b.at; }
    };
    using order = std::priority_queue<entry>;

    static task<void> run(std::shared_ptr<lock_core> core);
    void wake_due();
    void send_more();

    lock_core& core_;
    order sleeping_;
    order urgent_;
    std::size_t members_ = 0;
    std::size_t in_flight_ = 0;
    bool running_ = false;
    steady_time sleeps_until_ = steady_time::max();
    wake_event changed_;
};

}  // namespace holdfast
