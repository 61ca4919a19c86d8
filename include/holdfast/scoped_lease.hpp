// A lease that is kept alive while it is wanted and given back when it is not.
#pragma once

#include "holdfast/completion.hpp"
#include "holdfast/lease_offer.hpp"
#include "holdfast/runtime.hpp"

#include <functional>
#include <memory>
#include <stop_token>

namespace holdfast {

class held_lease;

struct keep_options {
    /// lost() fires this long before the local end of the lease, so that work can still be stopped
    /// while nobody else has the lock. Below zero is zero; all of the ttl or more: at once.
    nanoseconds stop_margin{0};
    /// Called with the new end each time the lease was extended, on the runtime's thread. Must not
    /// throw.
    std::function<void(steady_time valid_until)> on_extended = {};
};

/// Extends its lease at a third of the ttl, again and again, until released, lost or destroyed.
///
/// lost() is requested to stop at the local end of the lease minus the stop margin, also when the
/// store cannot be reached, and at once when the store says that the lease is over; reason() then
/// says why. It also fires after release(). Callbacks run on the runtime's thread.
/// The caller may not conclude that the lease is valid because lost() has not fired: a thread that
/// was stopped for longer than the ttl runs before the timer does. Ask valid(), send fence().
///
/// The destructor does no I/O. It asks the locker to release in the background; whether that worked
/// is seen in the journal only, and the ttl bounds the damage. Call release() to know.
///
/// Thread rule: lost(), revoke_requested(), offer(), reason(), fence(), valid() and valid_until()
/// from any thread; the rest on
/// the runtime's.
class [[nodiscard]] scoped_lease {
public:
    /// Holds nothing; lost() never fires, reason() is `released`.
    scoped_lease() = default;
    explicit scoped_lease(std::shared_ptr<held_lease> held) : held_(std::move(held)) {}
    scoped_lease(scoped_lease&&) noexcept = default;
    scoped_lease& operator=(scoped_lease&& other) noexcept;
    ~scoped_lease();

    bool holds_something() const noexcept { return held_ != nullptr; }
    /// Precondition of the two: holds_something().
    const lock_name& name() const noexcept;
    fencing_token fence() const noexcept;

    steady_time valid_until() const noexcept;
    bool valid(steady_time now) const noexcept;
    std::stop_token lost() const noexcept;
    lost_reason reason() const noexcept;

    /// The lease as it is now; holds nothing if this object does not. On the runtime's thread.
    lease current() const;
    /// Stops the keep-alive and gives nothing back: the lease is the caller's again, and runs out
    /// by itself. lost() fires, reason() is `released`. This object holds nothing afterwards.
    lease detach();
    /// Somebody asked this holder to give the lock up (locker::request_revoke). A request only:
    /// nothing is taken away. Fires at most once, never after the lease ended.
    std::stop_token revoke_requested() const noexcept;

    /// For another process to accept. The lease stays here, and is kept alive, until then.
    /// Precondition: holds_something().
    lease_offer offer() const;

    /// Stops the keep-alive, then gives the lock back and hands it to the next waiter. True: it was
    /// ours until now. False: it was lost before, or this object holds nothing. Errors and
    /// cancellation as locker::release. A second call gives back nothing and answers as the first
    /// one did (outcome_unknown while that one runs). The object may be destroyed while this runs.
    task<result<bool>> release();
    /// For any completion token, as void(error_code, bool). Precondition: holds_something().
    template <class CompletionToken>
    auto async_release(CompletionToken&& token) {
        return async_answer(executor(), release(), std::forward<CompletionToken>(token));
    }

private:
    boost::asio::any_io_executor executor() const;
    std::shared_ptr<held_lease> held_;
};

}  // namespace holdfast
