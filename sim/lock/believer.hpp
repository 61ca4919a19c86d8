// Somebody who thinks that a lock, or a share of it, is theirs.
#pragma once

#include "holdfast/lease.hpp"
#include "sim/world/node.hpp"
#include "sim/world/store_process.hpp"

#include <utility>

namespace holdfast::sim {

struct believer {
    believer(node& on, lease what)
        : host(on), incarnation(on.incarnation()), claim(std::move(what)) {
        note_asked();
    }

    bool exists() const { return !host.crashed() && host.incarnation() == incarnation; }
    bool believes() const { return exists() && !over && claim.valid(host.now()); }

    /// True time of the question whose answer it believes.
    steady_time asked_at() const { return asked_at_; }
    /// Whether the store has forgotten, or its clock jumped, since it last confirmed the lease.
    bool disturbed(const store_process& server) const {
        return server.disturbed_at() >= asked_at();
    }
    /// What is left of the lease for certain. A clock that is slow by 1 % makes it longer.
    nanoseconds left() const {
        const auto span = claim.valid_until() - host.now();
        return span - span / 100;
    }
    /// It was told that it holds this now.
    void confirm(lease what) {
        claim = std::move(what);
        note_asked();
    }
    /// It was told a later end.
    void extend(steady_time valid_until) {
        const auto ttl = claim.ttl().span();
        confirm(claim.extended(valid_until + drift_margin(ttl) - ttl));
    }

    node& host;
    std::uint64_t incarnation;
    lease claim;        ///< as last confirmed
    bool over = false;  ///< it knows that it is over

private:
    // When it is told: later the node's clock may run at another rate, and tell another past.
    void note_asked() {
        const auto ttl = claim.ttl().span();
        asked_at_ = host.clock().when(claim.valid_until() + drift_margin(ttl) - ttl);
    }

    steady_time asked_at_{};
};

}  // namespace holdfast::sim
