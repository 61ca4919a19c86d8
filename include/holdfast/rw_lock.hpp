// Many readers or one writer, for the whole fleet, first come first served.
#pragma once

#include "holdfast/blocking_lease.hpp"
#include "holdfast/lock_member.hpp"
#include "holdfast/sharing_info.hpp"
#include "holdfast/timeout.hpp"

#include <chrono>
#include <memory>

namespace holdfast {

/// How a reader-writer lock is held. `intent` is a reader that may become the writer: it shares
/// with readers, and there is one at most.
enum class rw_mode : char { read = 'r', intent = 'u', write = 'w' };

/// The asynchronous face. Its leases are extended, released and kept with the locker's own calls
/// (locker::extend, release, keep) and end one by one: a dead reader keeps a writer out for the
/// rest of its own lease only, and nobody's extension lengthens anybody else's.
///
/// Fair: those who wait are served in their order, consecutive readers together; a writer that
/// waits holds later readers back. A waiter whose process died is skipped. Not recursive: a reader
/// that asks again while a writer waits, waits behind it.
///
/// (M) holds between a writer and everybody else, (F) for the fences of all leases of the name. The
/// name must not be used for a mutex, a semaphore or anything else: errc::wrong_type while it is
/// held as such. Plain `SET NX` clients are excluded while somebody holds it, and exclude us.
///
/// Thread rule and lifetime as locker, which must outlive the object; running calls need only the
/// locker.
class async_rw_lock : private lock_member {
public:
    async_rw_lock(locker& locks, lock_name name, lease_ttl ttl)
        : lock_member(locks, std::move(name)), ttl_(ttl) {}

    /// Success, failures and cancellation as locker::acquire and locker::try_acquire.
    /// Options with a head start or terms are refused: invalid_argument.
    task<result<lease>> acquire(rw_mode, steady_time give_up_at = steady_time::max());
    task<result<lease>> acquire(rw_mode, acquire_options);
    task<result<lease>> try_acquire(rw_mode, acquire_options);
    task<result<lease>> try_acquire(rw_mode mode) { return try_acquire(mode, acquire_options()); }

    /// From intent to write: waits until the last reader has left; no new one gets in meanwhile.
    /// The returned lease replaces `intent` (same owner, higher fence); a scoped_lease that keeps
    /// `intent` is detached by the caller afterwards. Its lease is lengthened while waiting.
    /// Failures: lease_lost (not held any more); invalid_argument (held as a reader: two readers
    /// that both wait for the other to leave would wait for ever, so that is refused);
    /// timed_out, cancelled, shutting_down and store trouble: still held as intent, as before.
    task<result<lease>> upgrade(lease intent, steady_time give_up_at = steady_time::max());

    /// From write to intent or read, or from intent to read, without a gap; who fits beside the new
    /// mode is let in by the same step. The lease stays as it is, fence included. Repeating it is
    /// harmless. Failures: lease_lost; invalid_argument (a step up); as store::run.
    task<result<bool>> downgrade(lease held, rw_mode to = rw_mode::read);

    /// From a mutex's lease on this name to a reader's, without a gap: for those who share a lock
    /// that is a plain mutex as long as nobody shares it, and so stand in the mutex's queue. Who
    /// waits for shares is let in; who waits for the mutex fails with wrong_type. The returned
    /// lease replaces `held` (same owner, same fence). Failures: lease_lost; invalid_argument (not
    /// a mutex's lease); cancelled and as store::run: `held` is given back in the background.
    task<result<lease>> share(lease held);

    /// Failures: busy (one has it as a mutex, or a plain client has it), wrong_type, and as
    /// store::run.
    task<result<sharing_info>> inspect();

    /// The same for any completion token, as void(error_code, T).
    template <class CompletionToken>
    auto async_acquire(rw_mode mode, steady_time give_up_at, CompletionToken&& token) {
        return answer(acquire(mode, give_up_at), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_try_acquire(rw_mode mode, CompletionToken&& token) {
        return answer(try_acquire(mode), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_upgrade(lease intent, steady_time give_up_at, CompletionToken&& token) {
        return answer(upgrade(std::move(intent), give_up_at), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_downgrade(lease held, rw_mode to, CompletionToken&& token) {
        return answer(downgrade(std::move(held), to), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_share(lease held, CompletionToken&& token) {
        return answer(share(std::move(held)), std::forward<CompletionToken>(token));
    }

private:
    lease_ttl ttl_;
};

class thread_leases;

/// The blocking face: SharedTimedLockable, so std::unique_lock and std::shared_lock work. One
/// object may be used by many threads; each thread holds it once at most. What is said of `mutex`
/// (loss, errors, close, destructor) holds here too.
class rw_lock {
public:
    /// The client must outlive it.
    rw_lock(client& owner, lock_name name, lease_ttl ttl = lease_ttl(seconds{30}));
    ~rw_lock();
    rw_lock(const rw_lock&) = delete;

    void lock() { take(rw_mode::write, forever); }
    bool try_lock() { return take(rw_mode::write, nanoseconds{0}); }
    template <class Rep, class Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& span) {
        return take(rw_mode::write, timeout_of(span));
    }
    template <class Clock, class Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& at) {
        return take(rw_mode::write, timeout_until(at));
    }
    void unlock();

    void lock_shared() { take(rw_mode::read, forever); }
    bool try_lock_shared() { return take(rw_mode::read, nanoseconds{0}); }
    template <class Rep, class Period>
    bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& span) {
        return take(rw_mode::read, timeout_of(span));
    }
    template <class Clock, class Duration>
    bool try_lock_shared_until(const std::chrono::time_point<Clock, Duration>& at) {
        return take(rw_mode::read, timeout_until(at));
    }
    void unlock_shared() { unlock(); }

    /// With the intent to write; given back with unlock().
    void lock_intent() { take(rw_mode::intent, forever); }
    bool try_lock_intent() { return take(rw_mode::intent, nanoseconds{0}); }
    template <class Rep, class Period>
    bool try_lock_intent_for(const std::chrono::duration<Rep, Period>& span) {
        return take(rw_mode::intent, timeout_of(span));
    }

    /// The calling thread's intent becomes write. False: readers did not leave in time, still held
    /// as intent. Throws lease_lost and invalid_argument (see async_rw_lock::upgrade). lost() and
    /// fence() change: ask anew.
    template <class Rep, class Period>
    bool upgrade_for(const std::chrono::duration<Rep, Period>& span) {
        return step_up(timeout_of(span));
    }
    void upgrade() { step_up(forever); }
    /// The calling thread's hold becomes `to`. Throws as above.
    void downgrade(rw_mode to = rw_mode::read);

    /// Of the calling thread's hold. Without one: fence 0, a token that never fires, `released`.
    fencing_token fence() const;
    std::stop_token lost() const;
    lost_reason reason() const;

private:
    bool take(rw_mode, nanoseconds patience);
    bool step_up(nanoseconds patience);

    client& client_;
    const lock_name name_;
    const lease_ttl ttl_;
    std::unique_ptr<thread_leases> holds_;
};

}  // namespace holdfast
