// What the parts of one locker share: the seams, who waits, who holds, the work in the background.
#pragma once

#include "holdfast/acquire_options.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/lease.hpp"
#include "holdfast/store.hpp"
#include "lock/background.hpp"
#include "lock/clock_watch.hpp"
#include "lock/fence_floors.hpp"
#include "lock/keep_alive_rota.hpp"
#include "lock/lock_order.hpp"
#include "lock/stored_text.hpp"
#include "runtime/wake_event.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace holdfast {

class held_lease;
class lock_kind;

/// Owner ids are drawn at random: some of their bits are as good a hash as any.
struct owner_hash {
    std::size_t operator()(const owner_id& id) const noexcept {
        return std::bit_cast<std::array<std::size_t, sizeof id / sizeof(std::size_t)>>(id)[0];
    }
};
template <class T>
using by_owner = std::unordered_map<owner_id, T, owner_hash>;

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
    std::shared_ptr<lock_kind> kind = nullptr;  ///< none: a mutex
    milliseconds patience{0};    ///< how long it waits, counted by the store; 0: for ever
    milliseconds head_start{0};  ///< it is served as if it had come so much earlier
    lock_terms terms = {};
    std::string trace = {};  ///< acquire_options::trace

    /// "<who>" or "<who>\t<trace>", a part of every member.
    std::string signature() const { return write_signature(who, trace); }
    /// How the attempt stands in the queue (grant.lua).
    std::string member() const;
};

/// A grant as a push tells it. Whoever made it had raised the counter in the data set that this
/// connection reaches; a later connection may reach an older one.
struct pushed_grant {
    fencing_token fence;
    std::uint64_t epoch;
};

/// A waiting attempt, as pushes find it.
struct lock_waiter_slot {
    explicit lock_waiter_slot(boost::asio::any_io_executor executor) : wake(executor) {}
    wake_event wake;
    std::optional<pushed_grant> granted = {};
    steady_time ask_at = steady_time::max();  ///< when to ask although nothing was pushed
};

struct lock_core;

/// Registered for pushes about a name, by those who only watch it, while it lives.
class lock_watcher {
public:
    lock_watcher(lock_core& core, const lock_name& name);
    ~lock_watcher();
    lock_watcher(const lock_watcher&) = delete;

    /// Something may have changed.
    void tell() {
        ++news_;
        wake.notify_all();
    }
    /// How often it was told so far: whoever compares misses nothing.
    std::uint64_t news() const noexcept { return news_; }

    wake_event wake;

private:
    lock_core& core_;
    std::string name_;
    std::uint64_t news_ = 0;
};

/// Shared by the locker, its scoped leases and its background work. One executor.
struct lock_core : std::enable_shared_from_this<lock_core> {
    lock_core(runtime&, store&, journal&, std::string who, bool warn_lock_order);

    /// Runs work whose caller has left. It must not throw.
    void in_background(task<void> work) { background_.run(std::move(work), shared_from_this()); }
    /// Runs work of the keep-alive, for which nobody has to wait when closing.
    void keep_running(task<void> work) { background_.run_unwaited(std::move(work)); }
    /// Returns when no background work is left.
    task<void> idle() { return background_.idle(); }

    void on_push(std::string_view payload);
    void on_reconnect();
    /// Who asked for the lock before its lease was kept, perhaps while the claim was still under
    /// way; nothing: nobody did. Says it once.
    std::optional<std::string> asked_before_kept(const owner_id& holder);
    /// The attempt is given up: a grant that still comes is handed on.
    void abandon(lock_attempt attempt);
    /// Releases until the store has answered or the lease is over.
    void release_later(lease held);

    /// Compares the store's clock with ours, in the background and not more often than
    /// clock_watch::pause; called with every heartbeat. After a step nothing that was concluded
    /// from a ttl holds: it is an event, everybody asks again, and every lease is extended.
    void watch_clock(const lock_name& name);

    void record(event_kind kind, const lease& held, std::string_view detail = {});

    runtime& rt;
    store& st;
    journal& events;
    std::string who;
    fence_floors floors;
    by_owner<lock_waiter_slot*> waiting;
    by_owner<std::weak_ptr<held_lease>> held;
    std::unordered_multimap<std::string, lock_watcher*> watching;
    wake_event waiting_ended;
    keep_alive_rota rota;
    lock_orders orders;
    bool closing = false;
    bool keeps_history = false;  ///< owners are noted in the store

private:
    task<void> look_at_clock(lock_name name);
    void after_clock_step();
    void ask_again();
    void on_grant(std::string_view id, std::string_view fence);
    void on_next(std::string_view id, std::string_view ttl);
    void on_change(std::string_view name);
    void on_asked(std::string_view id, std::string_view by);
    std::shared_ptr<held_lease> holder(std::string_view id) const;

    by_owner<lock_attempt> abandoned_;
    std::deque<owner_id> abandoned_order_;                      // bounds the map
    std::deque<std::pair<owner_id, std::string>> asked_early_;  // bounded too
    clock_watch clock_;
    background background_;
};

}  // namespace holdfast
