// A quorum lease that is kept alive while it is wanted and given back when it is not.
#pragma once

#include "holdfast/lease.hpp"
#include "holdfast/runtime.hpp"

#include <memory>
#include <stop_token>

namespace holdfast {

class quorum_kept;

/// What scoped_lease is to a lock in one store: extended at a third of the ttl on all nodes, lost
/// at the local deadline at the latest. lost() also fires after release().
///
/// The destructor does no I/O of its own: the lease is given back in the background.
/// Thread rule: lost(), reason(), fence() and valid() from any thread; the rest on the runtime's.
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
    bool valid(steady_time now) const noexcept;
    std::stop_token lost() const noexcept;
    lost_reason reason() const noexcept;

    /// Stops the keep-alive, then gives the lock back on every node. True: a majority still held
    /// it. False: it was lost before. Idempotent.
    task<result<bool>> release();

private:
    std::shared_ptr<quorum_kept> held_;
};

}  // namespace holdfast
