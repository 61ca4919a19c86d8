// A quorum lease that is kept alive while it is wanted and given back when it is not.
#pragma once

#include "holdfast/completion.hpp"
#include "holdfast/lease.hpp"
#include "holdfast/runtime.hpp"

#include <memory>
#include <stop_token>

namespace holdfast {

class quorum_kept;

/// What scoped_lease is to a lock in one store: extends its lease on all nodes at once, at a third
/// of the ttl, again and again, until released, lost or destroyed. A round that no majority answers
/// is repeated after short pauses.
///
/// lost() is requested to stop at the local end of the lease minus the stop margin, whatever the
/// nodes do, and at once when a majority says that it holds something else (reason(): taken_over)
/// or nothing (erased). It also fires after release(). Callbacks run on the runtime's thread.
/// The caller may not conclude that the lease is valid because lost() has not fired: a thread that
/// was stopped for longer than the ttl runs before the timer does. Ask valid(), send fence().
/// A node that was away for longer than the ttl has forgotten the lease and does not get it again:
/// the loss of a minority is survived once, not by turns.
///
/// The destructor does no I/O. It asks for the release in the background; a close() of the locker
/// that comes later waits for that, and the ttl bounds what is left.
///
/// Thread rule: lost(), reason(), fence(), valid() and valid_until() from any thread; the rest on
/// the runtime's.
class [[nodiscard]] quorum_hold {
public:
    /// Holds nothing; lost() never fires, reason() is `released`.
    quorum_hold() = default;
    explicit quorum_hold(std::shared_ptr<quorum_kept> held) : held_(std::move(held)) {}
    quorum_hold(quorum_hold&&) noexcept = default;
    quorum_hold& operator=(quorum_hold&& other) noexcept;
    ~quorum_hold();

    bool holds_something() const noexcept { return held_ != nullptr; }
    /// 0 without a lease.
    fencing_token fence() const noexcept;
    steady_time valid_until() const noexcept;
    bool valid(steady_time now) const noexcept;
    std::stop_token lost() const noexcept;
    lost_reason reason() const noexcept;

    /// Stops the keep-alive, then gives the lock back on every node, as quorum_locker::release.
    /// True: a majority still held it. False: it was lost before (what a minority may still hold is
    /// given back in the background), or an earlier call gave it back. The object may be destroyed
    /// while this runs. Cancellation (any type): errc::cancelled, and it goes on in the background.
    task<result<bool>> release();
    /// For any completion token, as void(error_code, bool). Precondition: holds_something().
    template <class CompletionToken>
    auto async_release(CompletionToken&& token) {
        return async_answer(executor(), release(), std::forward<CompletionToken>(token));
    }

private:
    boost::asio::any_io_executor executor() const;
    std::shared_ptr<quorum_kept> held_;
};

}  // namespace holdfast
