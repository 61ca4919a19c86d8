// Takes, extends, gives back and breaks locks: the asynchronous face.
#pragma once

#include "holdfast/acquire_options.hpp"
#include "holdfast/completion.hpp"
#include "holdfast/deadlock.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/lease.hpp"
#include "holdfast/lease_offer.hpp"
#include "holdfast/lock_info.hpp"
#include "holdfast/name_info.hpp"
#include "holdfast/scoped_lease.hpp"
#include "holdfast/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast {

struct lock_core;

struct locker_options {
    /// Shown by inspection; empty: "<host name>/<process id>".
    std::string who = {};
    /// Which program that is; shown after a further slash. Empty: not said.
    std::string build = {};
    /// Note in the store who gets a lock and how it ends, for history(): two more scripts an
    /// acquisition, which nothing waits for. The last 32 of a lock are kept, for a week.
    bool history = false;

    /// Warn (event lock.order, once a pair; on standard error where there is no journal) when an
    /// agent takes B while it holds A although, in this process, somebody took A while holding B:
    /// two that do so at once wait for each other for ever. Only attempts that name an agent are
    /// watched, until released. Memory: every pair ever nested. Default: on in your debug builds.
    bool warn_lock_order =
#ifdef NDEBUG
        false;
#else
        true;
#endif
};

/// The locks of one runtime. Everything runs on that runtime's thread. The runtime, the store and
/// the journal must outlive it, and the store must not be destroyed while its executor still runs
/// work of this object (see close()).
///
/// Exclusion holds between all processes that use the same store, including plain
/// `SET name id NX PX ttl` clients. Waiting is first come, first served; a release hands the lock
/// to the first waiter whose process is alive with one push.
///
/// An async_… form takes any completion token, with the signature void(error_code, T) for a
/// task<result<T>>: see async_answer(). Through it a cancelled call always ends in errc::cancelled;
/// a coroutine that says nothing of cancellation throws operation_aborted, and what it asked of the
/// store may or may not be done.
class locker {
public:
    locker(runtime&, store&, journal& = null_journal(), locker_options = {});
    ~locker();
    locker(const locker&) = delete;

    /// By the clock of valid_until() and give_up_at.
    steady_time now() const noexcept;

    /// Takes the lock if nobody has it; never waits for a holder.
    ///
    /// Failures: busy; wrong_type (the key is not a string); store_unavailable and the rest of
    /// condition::retry (certainly not taken); outcome_unknown (the reply was lost several times; a
    /// release goes out in the background and the ttl bounds what is left); invalid_argument (the
    /// name is one of the locks' own side keys); condition::broken as store::run.
    /// Cancellation (any type): errc::cancelled, nothing stays held as above.
    /// Of the options only agent and terms matter.
    task<result<lease>> try_acquire(lock_name, lease_ttl, acquire_options);
    task<result<lease>> try_acquire(lock_name name, lease_ttl ttl) {
        return try_acquire(std::move(name), ttl, acquire_options());
    }

    /// Waits for the lock until `give_up_at`, by default for ever; takes it at once if it is free.
    /// A store that is away is waited for as well.
    ///
    /// Failures: timed_out (on time, also when the store does not answer); store_unavailable, or
    /// what it refused with (not_leader), when the store never answered anything else, for which it
    /// has 50 ms at least, however near the limit is: so a free lock is taken also when the limit
    /// has passed; wrong_type, invalid_argument, condition::broken as above; shutting_down after
    /// close().
    /// Cancellation (any type): errc::cancelled. After any failure the caller holds nothing: the
    /// place in the queue, or a grant of that very instant, is given up in the background.
    task<result<lease>> acquire(lock_name, lease_ttl, steady_time give_up_at = steady_time::max());
    /// The same with priority, news of the wait and terms; errc::invalid_argument also when an
    /// option is out of its bounds.
    task<result<lease>> acquire(lock_name, lease_ttl, acquire_options);

    template <class CompletionToken = boost::asio::use_awaitable_t<>>
    auto async_acquire(lock_name name, lease_ttl ttl, steady_time give_up_at,
                       CompletionToken&& token = {}) {
        return async_answer(executor(), acquire(std::move(name), ttl, give_up_at),
                            std::forward<CompletionToken>(token));
    }
    template <class CompletionToken = boost::asio::use_awaitable_t<>>
        requires(!std::is_convertible_v<CompletionToken, steady_time> &&
                 !std::is_convertible_v<CompletionToken, acquire_options>)
    auto async_acquire(lock_name name, lease_ttl ttl, CompletionToken&& token = {}) {
        return async_acquire(std::move(name), ttl, steady_time::max(),
                             std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_acquire(lock_name name, lease_ttl ttl, acquire_options options,
                       CompletionToken&& token) {
        return async_answer(executor(), acquire(std::move(name), ttl, std::move(options)),
                            std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_try_acquire(lock_name name, lease_ttl ttl, CompletionToken&& token) {
        return async_answer(executor(), try_acquire(std::move(name), ttl),
                            std::forward<CompletionToken>(token));
    }

    /// The same lease for another whole ttl from now. One single-key script.
    /// Failures: lease_lost (a definite no); condition::retry and outcome_unknown, where the old
    /// lease stays what it was and the call may be repeated.
    task<result<lease>> extend(lease);
    template <class CompletionToken>
    auto async_extend(lease held, CompletionToken&& token) {
        return async_answer(executor(), extend(std::move(held)),
                            std::forward<CompletionToken>(token));
    }

    /// Gives the lock back and hands it to its first live waiter. True: it was the caller's until
    /// now. False: it had ended before. A lost reply is repeated; on failure (condition::retry,
    /// outcome_unknown) it is tried further in the background until the lease ends.
    /// Cancellation (any type): errc::cancelled, and it goes on in the background.
    task<result<bool>> release(lease);
    template <class CompletionToken>
    auto async_release(lease held, CompletionToken&& token) {
        return async_answer(executor(), release(std::move(held)),
                            std::forward<CompletionToken>(token));
    }

    /// Keeps the lease alive from now on. Precondition: lease.holds_something().
    scoped_lease keep(lease, keep_options = {});

    /// Takes the lock away from its holder, whoever that is, and hands it to the first waiter. The
    /// returned fence is above the old holder's. The holder learns of it by push, or at its next
    /// extension; until then only a resource that checks fences is safe from it. Who watches an
    /// election is told. Of a lock with several holders (reader-writer lock, semaphore) all those
    /// are thrown out that hold it when the call begins.
    /// Failures: not_found (nobody held it), wrong_type (also of latches and barriers, which
    /// nobody holds), and as store::run.
    task<result<fencing_token>> force_break(lock_name);
    /// The same to one holder alone, by its owner id as inspection shows it; the other shares stay.
    /// Failures: not_found also when it does not hold the lock (any more).
    task<result<fencing_token>> force_break(lock_name, owner_id holder);
    template <class CompletionToken>
    auto async_force_break(lock_name name, CompletionToken&& token) {
        return async_answer(executor(), force_break(std::move(name)),
                            std::forward<CompletionToken>(token));
    }

    /// Takes over a lease that another process offered: from this step on the lock has a new owner
    /// id and a higher fence, so the old handle is definitely lost (lost_reason::transferred, at
    /// once by push or at its next extension) and a resource that checks fences refuses its writes.
    /// Failures: lease_lost (released, expired, broken, or accepted by somebody else before);
    /// outcome_unknown after several lost replies (it may be ours; its ttl bounds that); as
    /// store::run. Cancellation (any type): errc::cancelled; it was not taken over, or is handed to
    /// the next waiter in the background: nothing stays held.
    task<result<lease>> accept(lease_offer);
    template <class CompletionToken>
    auto async_accept(lease_offer offer, CompletionToken&& token) {
        return async_answer(executor(), accept(std::move(offer)),
                            std::forward<CompletionToken>(token));
    }

    /// Asks the holder to give the lock up: its scoped_lease::revoke_requested() fires. True: a
    /// process that listens was told, once more if it was told before. The caller may not conclude
    /// that the holder reacts; wait with acquire(), and take the lock away with force_break().
    /// False: the holder is a plain client, or its process is gone or not connected.
    /// Failures: not_found (nobody holds it), wrong_type, and as store::run.
    task<result<bool>> request_revoke(lock_name);
    template <class CompletionToken>
    auto async_request_revoke(lock_name name, CompletionToken&& token) {
        return async_answer(executor(), request_revoke(std::move(name)),
                            std::forward<CompletionToken>(token));
    }

    /// Circles of agents that wait for each other, in all processes of the fleet, from a look at
    /// every name (list_all()). Not a snapshot: confirm what it finds by asking again before you
    /// break a lock.
    task<result<std::vector<deadlock>>> find_deadlocks();

    /// Failures: wrong_type, and as store::run. A free lock is not a failure.
    task<result<lock_info>> inspect(lock_name);

    /// The mutexes (leaders among them) that are held by Holdfast or waited for, by name. Not a
    /// snapshot: locks that come or go meanwhile may be missing.
    task<result<std::vector<lock_info>>> list();

    /// A name of any kind, whichever member of the family it is. Failures: wrong_type (the key is
    /// nothing of ours), and as store::run. A free name is not a failure.
    task<result<name_info>> inspect_any(lock_name);

    /// Every name that is held or waited for, whichever member of the family it is, by name. A
    /// latch is among them while somebody waits for it. Not a snapshot, as list().
    task<result<std::vector<name_info>>> list_all();

    /// Who had the lock before, the newest first: only those that kept one
    /// (locker_options::history). Failures: as store::run.
    task<result<std::vector<past_owner>>> history(lock_name);

    /// Ends waiting acquires with errc::shutting_down and returns when the background work (giving
    /// up places, releasing) is done. Leases stay held until released.
    task<void> close();

    /// The runtime's: for async_answer() of the calls that have no form of their own.
    boost::asio::any_io_executor executor() const;

    /// What the other members of the family are built on; opaque.
    const std::shared_ptr<lock_core>& core() const noexcept { return core_; }

private:
    friend class cohort;
    std::shared_ptr<lock_core> core_;
    push_dispatcher::registration pushes_;
    push_dispatcher::registration reconnects_;
};

}  // namespace holdfast
