// What the parts of one locker share: the seams, who waits, who holds, the work in the background.
#pragma once

#include "holdfast/acquire_options.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/lease.hpp"
#include "holdfast/store.hpp"
#include "lock/clock_watch.hpp"
#include "lock/fence_floors.hpp"
#include "lock/keep_alive_rota.hpp"
#include "lock/lock_order.hpp"
#include "runtime/wake_event.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace holdfast {

class held_lease;

/// One attempt to take one lock. Its owner id is never used again.
struct lock_attempt {
    lock_name name;
    owner_id owner;
    lease_ttl ttl;
    bool waits;
    std::string who;
    std::string channel;
    std::string ticket = {};     ///< place in the queue, once known: kept over reconnects
    bool maybe_present = false;  ///< the store may know this attempt: give it up when leaving
    milliseconds patience{0};    ///< how long it waits, counted by the store; 0: for ever
    milliseconds head_start{0};  ///< it is served as if it had come so much earlier
    lock_terms terms = {};

    /// How the attempt stands in the queue (grant.lua).
    std::string member() const;
};

/// A waiting attempt, as pushes find it.
struct lock_waiter_slot {
    explicit lock_waiter_slot(boost::asio::any_io_executor executor) : wake(executor) {}
    wake_event wake;
    std::optional<fencing_token> granted = {};
    steady_time ask_at = steady_time::max();  ///< when to ask although nothing was pushed
};

/// Shared by the locker, its scoped leases and its background work. One executor.
struct lock_core : std::enable_shared_from_this<lock_core> {
    lock_core(runtime&, store&, journal&, std::string who, bool warn_lock_order);

    /// Runs work whose caller has left. It must not throw.
    void in_background(task<void> work);
    /// Runs work of the keep-alive, for which nobody has to wait when closing.
    void keep_running(task<void> work);
    /// Returns when no background work is left.
    task<void> idle();

    void on_push(std::string_view payload);
    void on_reconnect();
    /// An answer carried the store's time. After a step of its clock nothing that was concluded
    /// from a ttl holds: everybody asks again, and every lease is extended, at once.
    void on_store_time(microseconds store_time, steady_time asked);

    /// The attempt is given up: a grant that still comes is handed on.
    void abandon(lock_attempt attempt);
    /// Releases until the store has answered or the lease is over.
    void release_later(lease held);

    void record(event_kind kind, const lease& held, std::string_view detail = {});

    runtime& rt;
    store& st;
    journal& events;
    std::string who;
    fence_floors floors;
    std::unordered_map<owner_id, lock_waiter_slot*> waiting;
    std::unordered_map<owner_id, std::weak_ptr<held_lease>> held;
    wake_event waiting_ended;
    keep_alive_rota rota;
    lock_orders orders;
    bool closing = false;

private:
    void on_grant(std::string_view id, std::string_view fence, std::string_view name);
    void ask_again();
    void on_next(std::string_view id, std::string_view ttl);
    std::shared_ptr<held_lease> holder(std::string_view id) const;

    std::unordered_set<owner_id> abandoned_;
    std::deque<owner_id> abandoned_order_;  // bounds the set
    clock_watch clock_;
    std::uint64_t clock_epoch_ = 0;
    std::size_t background_ = 0;
    wake_event background_ended_;
};

}  // namespace holdfast
