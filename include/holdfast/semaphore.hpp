// Permits for the whole fleet: weighted, first come first served, and expiring with their holders.
#pragma once

#include "holdfast/blocking_lease.hpp"
#include "holdfast/lock_member.hpp"
#include "holdfast/sharing_info.hpp"
#include "holdfast/timeout.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace holdfast {

/// How many permits one attempt wants, at least 1.
class permits {
public:
    static result<permits> parse(std::int64_t count);
    /// Throws boost::system::system_error where parse() would fail.
    explicit permits(std::int64_t count) : count_(parse(count).value().count_) {}
    std::uint32_t count() const noexcept { return count_; }

private:
    struct checked {};
    permits(checked, std::uint32_t count) : count_(count) {}
    std::uint32_t count_;
};

/// What drain() took.
struct drained_permits {
    lease kept;
    std::uint32_t count = 0;
};

/// The asynchronous face. What is got is one lease over `permits` at once; it is extended, released
/// and kept with the locker's own calls. A lease whose holder died ends with its ttl and its
/// permits are free again; releasing it later is a definite "no" (false) and adds nothing.
///
/// Strictly first come first served: a request for many permits at the head of the queue is not
/// overtaken by small ones, so it cannot starve. A waiter whose process died is skipped.
///
/// The capacity is agreed in the store. set_capacity() sets it for good; without that, the first
/// user's `initial` counts, and is forgotten a day after the last attempt. Whoever names another
/// `initial` later uses what was agreed. While the store keeps its data the leases that report
/// valid() never sum to more than the capacity, except after it was reduced below what is in use.
///
/// Each lease has a fence, rising over all leases of the name. Thread rule and lifetime as locker.
class async_semaphore : private lock_member {
public:
    /// `initial`: none means that an attempt fails with not_found until set_capacity() was called.
    async_semaphore(locker& locks, lock_name name, lease_ttl ttl,
                    std::optional<permits> initial = std::nullopt)
        : lock_member(locks, std::move(name)), ttl_(ttl), initial_(initial) {}

    /// Success, failures and cancellation as locker::acquire and locker::try_acquire; also
    /// invalid_argument (more permits than the capacity: never granted; ends a wait too when the
    /// capacity is reduced meanwhile) and not_found (no capacity was ever set).
    task<result<lease>> acquire(permits wanted = permits(1),
                                steady_time give_up_at = steady_time::max());
    /// Options with a head start or terms are refused too: invalid_argument.
    task<result<lease>> acquire(permits wanted, acquire_options);
    task<result<lease>> try_acquire(permits wanted, acquire_options);
    task<result<lease>> try_acquire(permits wanted = permits(1)) {
        return try_acquire(wanted, acquire_options());
    }

    /// Takes all permits that are free at this moment, as one lease: to keep newcomers out while
    /// those who are inside finish. Failures: busy (none is free, or somebody waits for them), and
    /// as try_acquire. Who waits afterwards is served when the lease is given back.
    task<result<drained_permits>> drain();

    /// Gives back the permits of one lease by its owner id, from any process. True: they were held
    /// until now. False: expired or released before, perhaps by this very call when its first reply
    /// was lost. Failures: wrong_type, and as store::run; nothing goes on in the background.
    task<result<bool>> release(owner_id permit);

    /// Sets the capacity for everybody. More: who fits is let in at once. Fewer than are in use:
    /// nobody is thrown out, and nobody let in until enough were given back; waiters that want more
    /// than there are fail. Repeating it is harmless. Failures: wrong_type, and as store::run.
    task<result<bool>> set_capacity(permits);
    /// Forgets the capacity; leases go on.
    task<result<bool>> forget_capacity();

    /// What is free is capacity minus in_use; old news, see sharing_info.
    task<result<sharing_info>> inspect();

    /// The same for any completion token, as void(error_code, T).
    template <class CompletionToken>
    auto async_acquire(permits wanted, steady_time give_up_at, CompletionToken&& token) {
        return answer(acquire(wanted, give_up_at), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_try_acquire(permits wanted, CompletionToken&& token) {
        return answer(try_acquire(wanted), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_drain(CompletionToken&& token) {
        return answer(drain(), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_release(owner_id permit, CompletionToken&& token) {
        return answer(release(permit), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_set_capacity(permits capacity, CompletionToken&& token) {
        return answer(set_capacity(capacity), std::forward<CompletionToken>(token));
    }

private:
    lease_ttl ttl_;
    std::optional<permits> initial_;
};

/// What a blocking drain() took.
struct held_permits {
    blocking_lease kept = {};
    std::uint32_t count = 0;
    explicit operator bool() const noexcept { return kept.holds_something(); }
};

/// The blocking face. Permits belong to the returned lease, not to a thread: it may be moved to and
/// given back by another one. Errors other than "not now" are thrown as
/// boost::system::system_error.
class semaphore {
public:
    /// The client must outlive it and its leases.
    semaphore(client& owner, lock_name name, std::optional<permits> initial = std::nullopt,
              lease_ttl ttl = lease_ttl(seconds{30}))
        : client_(owner), name_(std::move(name)), ttl_(ttl), initial_(initial) {}

    blocking_lease acquire(permits wanted = permits(1)) { return take(wanted, forever); }
    /// Holds nothing when the permits are not free now, or not in time.
    blocking_lease try_acquire(permits wanted = permits(1)) { return take(wanted, nanoseconds{0}); }
    template <class Rep, class Period>
    blocking_lease try_acquire_for(const std::chrono::duration<Rep, Period>& span,
                                   permits wanted = permits(1)) {
        return take(wanted, timeout_of(span));
    }
    /// As async_semaphore's; holds nothing when it is busy.
    held_permits drain();
    /// These as async_semaphore's.
    bool release(owner_id permit);
    void set_capacity(permits);

private:
    blocking_lease take(permits wanted, nanoseconds patience);

    client& client_;
    const lock_name name_;
    const lease_ttl ttl_;
    const std::optional<permits> initial_;
};

}  // namespace holdfast
