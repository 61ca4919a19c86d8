// A lease: the right to a lock until a point in time, with the fence that proves its age.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/time.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace holdfast {

class lock_kind;

/// What a holder takes off a lease for clocks that run at different rates (1 %) and for timer
/// granularity (2 ms). A lease of 2 ms or less is therefore never valid.
constexpr nanoseconds drift_margin(milliseconds ttl) noexcept {
    return nanoseconds(ttl) / 100 + milliseconds{2};
}

/// What was agreed when the lock was taken, beyond its ttl.
struct lock_terms {
    /// When the holder crashes, or loses touch for a whole ttl, nobody gets the lock for this much
    /// longer: time for what it started to come to rest. A release has no cool-down. 24 h at most.
    milliseconds cool_down{0};

    /// Throughput instead of order. On release the lock is left to whoever asks first, often the
    /// one who just had it, as long as its first waiter has waited for less than this; after that
    /// it is handed on in order. By the same rule attempts with it take a lock that is free at this
    /// moment ahead of those who wait. 0, the default: always in order.
    milliseconds barging{0};
};

/// The right to a lock for a while. A plain value: copying it copies no right, destroying it gives
/// nothing back (see scoped_lease for that).
///
/// valid() is a local comparison. It may become false at any time and never becomes true again.
/// While it says true nobody else's lease on this name is valid, on a shared true clock, as long as
/// the store keeps its data and the clocks differ in rate by less than 1 %. The caller may not
/// conclude that a write which starts while valid() arrives while valid(): only a resource that
/// compares fences gives that (Kleppmann, "How to do distributed locking", 2016).
class [[nodiscard]] lease {
public:
    /// Holds nothing; never valid.
    lease() = default;
    /// `asked_at`: when the request that granted or extended it was sent, by runtime::now().
    /// `kind`: which member of the family it is a lease of (the engine's business); none: a mutex.
    lease(lock_name name, owner_id owner, fencing_token fence, lease_ttl ttl, steady_time asked_at,
          lock_terms terms = {}, std::shared_ptr<lock_kind> kind = nullptr)
        : what_(grant{std::move(name), owner, fence, ttl, terms, std::move(kind)}),
          valid_until_(asked_at + ttl.span() - drift_margin(ttl.span())) {}

    lease(const lease&) = default;
    lease& operator=(const lease&) = default;
    /// What was moved from holds nothing.
    lease(lease&& other) noexcept
        : what_(std::exchange(other.what_, std::nullopt)), valid_until_(other.valid_until_) {}
    lease& operator=(lease&& other) noexcept {
        what_ = std::exchange(other.what_, std::nullopt);
        valid_until_ = other.valid_until_;
        return *this;
    }

    bool holds_something() const noexcept { return what_.has_value(); }
    /// The five below: precondition holds_something().
    const lock_name& name() const noexcept { return what_->name; }
    owner_id owner() const noexcept { return what_->owner; }
    fencing_token fence() const noexcept { return what_->fence; }
    lease_ttl ttl() const noexcept { return what_->ttl; }
    const std::shared_ptr<lock_kind>& kind() const noexcept { return what_->kind; }
    const lock_terms& terms() const noexcept { return what_->terms; }

    /// The local end: asked_at + ttl − drift_margin. Always before the store's own end.
    steady_time valid_until() const noexcept { return valid_until_; }
    bool valid(steady_time now) const noexcept { return what_.has_value() && now < valid_until_; }

    /// The same grant, asked for again at `asked_at`.
    lease extended(steady_time asked_at) const {
        return {what_->name, what_->owner, what_->fence, what_->ttl,
                asked_at,    what_->terms, what_->kind};
    }

private:
    struct grant {
        lock_name name;
        owner_id owner;
        fencing_token fence;
        lease_ttl ttl;
        lock_terms terms;
        std::shared_ptr<lock_kind> kind;
    };
    std::optional<grant> what_;
    steady_time valid_until_{};
};

/// Why a lease is over.
enum class lost_reason {
    none,             ///< it is not over
    released,         ///< its holder gave it back
    expired_locally,  ///< the local end came and the store had not confirmed an extension
    taken_over,       ///< the store says that somebody else holds the lock
    broken,           ///< somebody broke it on purpose (force_break)
    transferred,      ///< another process accepted it (lease_offer)
    erased,           ///< the store knows nothing of it: flushed, rolled back or restarted empty
};

/// Stable machine name: "expired_locally", …
std::string_view name_of(lost_reason) noexcept;

}  // namespace holdfast
