// Several locks as one: all or nothing, with a fence for each.
#pragma once

#include "holdfast/blocking_lease.hpp"
#include "holdfast/completion.hpp"
#include "holdfast/locker.hpp"
#include "holdfast/timeout.hpp"

#include <memory>
#include <vector>

namespace holdfast {

class multi_grant;

/// What locks are wanted together: 1 to 64, no name twice (errc::invalid_argument).
class lock_names {
public:
    static result<lock_names> parse(std::vector<lock_name> names);
    /// Throws boost::system::system_error where parse() would fail.
    explicit lock_names(std::vector<lock_name> names)
        : names_(std::move(parse(std::move(names)).value().names_)) {}
    const std::vector<lock_name>& all() const noexcept { return names_; }

private:
    struct checked {};
    lock_names(checked, std::vector<lock_name> names) : names_(std::move(names)) {}
    std::vector<lock_name> names_;
};

/// The right to several locks for a while. A plain value, as `lease`.
///
/// whole() is extended, kept and released with the locker's own calls, all names in one script. A
/// loss may be partial: as soon as one name is lost, extending fails with lease_lost, a kept
/// lease's lost() fires, and lost_names() says which. The other names are then still held until
/// their ttl ends, so that work on them can be wound up; releasing gives back what is left and
/// answers false. Nothing extends them any more once a kept lease was lost.
class [[nodiscard]] multi_lease {
public:
    /// Holds nothing.
    multi_lease() = default;
    multi_lease(lease whole, std::shared_ptr<multi_grant> grant)
        : whole_(std::move(whole)), grant_(std::move(grant)) {}

    bool holds_something() const noexcept { return grant_ != nullptr; }
    /// Its name and fence are those of the first lock.
    const lease& whole() const noexcept { return whole_; }
    bool valid(steady_time now) const noexcept { return whole_.valid(now); }
    const std::vector<lock_name>& names() const;
    /// 0 for a name that is not among them.
    fencing_token fence_of(const lock_name&) const;
    /// Known to be lost so far. From any thread.
    std::vector<lock_name> lost_names() const;

private:
    lease whole_;
    std::shared_ptr<multi_grant> grant_;
};

/// The asynchronous face. Every name is an ordinary lock: `mutex`, `locker` and plain `SET NX`
/// clients exclude it and are excluded by it.
///
/// When all are free they are taken in one atomic step. When some are not, the attempt stands in
/// the queues of all of them with one ticket, in one step; names that come first are kept for it
/// until the last one comes. Two attempts that share names in any order cannot wait for each other,
/// and each name is still served first come, first served. (A holder that waits here for a name
/// while holding another lock from elsewhere can dead-lock, as with any lock.)
///
/// All keys are in one script: on one server any names will do; a Redis Cluster needs names that
/// share a `{tag}`.
class async_multi_lock {
public:
    async_multi_lock(locker& locks, lock_names names, lease_ttl ttl)
        : core_(locks.core()), names_(std::move(names)), ttl_(ttl) {}

    /// Success: all are held. Failures and cancellation as locker::acquire and try_acquire; after
    /// any of them none is held. Options with a head start or terms: invalid_argument.
    task<result<multi_lease>> acquire(steady_time give_up_at = steady_time::max());
    task<result<multi_lease>> acquire(acquire_options);
    task<result<multi_lease>> try_acquire(acquire_options);
    task<result<multi_lease>> try_acquire() { return try_acquire(acquire_options()); }

    /// The same for any completion token, as void(error_code, multi_lease).
    template <class CompletionToken>
    auto async_acquire(steady_time give_up_at, CompletionToken&& token) {
        return async_answer(executor(), acquire(give_up_at), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_try_acquire(CompletionToken&& token) {
        return async_answer(executor(), try_acquire(), std::forward<CompletionToken>(token));
    }

private:
    boost::asio::any_io_executor executor() const;

    std::shared_ptr<lock_core> core_;
    lock_names names_;
    lease_ttl ttl_;
};

/// What a blocking multi_lock holds.
struct held_locks {
    blocking_lease kept = {};
    multi_lease grant = {};  ///< fences by name; lost_names() is current, its validity is not
    explicit operator bool() const noexcept { return kept.holds_something(); }
};

/// The blocking face. What is got belongs to the returned object, not to a thread, and is kept
/// alive until released, lost or destroyed. Errors other than "not now" are thrown as
/// boost::system::system_error.
class multi_lock {
public:
    /// The client must outlive it and what it gave.
    multi_lock(client& owner, lock_names names, lease_ttl ttl = lease_ttl(seconds{30}))
        : client_(owner), names_(std::move(names)), ttl_(ttl) {}

    held_locks acquire() { return take(forever); }
    /// Holds nothing when they are not all free now, or not in time.
    held_locks try_acquire() { return take(nanoseconds{0}); }
    template <class Rep, class Period>
    held_locks try_acquire_for(const std::chrono::duration<Rep, Period>& span) {
        return take(timeout_of(span));
    }

private:
    held_locks take(nanoseconds patience);

    client& client_;
    const lock_names names_;
    const lease_ttl ttl_;
};

}  // namespace holdfast
