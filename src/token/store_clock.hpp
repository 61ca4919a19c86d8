// The store's time as this node knows it: the one clock by which tokens live and die.
#pragma once

#include "holdfast/time.hpp"

#include <optional>

namespace holdfast {

/// Learns from every reply that carries the store's time. A node whose own calendar is wrong, or
/// steps, judges `exp` and grace like every other node.
class store_clock {
public:
    /// The store answered `store_time` to a question that was sent and answered at these instants.
    void observe(steady_time sent, steady_time received, wall_time store_time) noexcept {
        const auto offset = store_time.time_since_epoch() - received.time_since_epoch();
        const bool tighter = !offset_ || offset > *offset_;
        if (!tighter && received - learnt_ < keep_best) return;
        offset_ = offset;
        learnt_ = received;
        round_trip_ = received - sent;
    }

    bool known() const noexcept { return offset_.has_value(); }

    /// The earliest the store's time can be now: nothing dies before its time, and outlives it by
    /// one round trip at most. Only when known().
    wall_time now(steady_time local) const noexcept {
        return wall_time{
            std::chrono::floor<microseconds>(local.time_since_epoch() + offset_.value())};
    }

    nanoseconds uncertainty() const noexcept { return round_trip_; }

private:
    static constexpr seconds keep_best{5};  // then a step of the store's own clock is followed
    std::optional<nanoseconds> offset_;
    steady_time learnt_{};
    nanoseconds round_trip_{0};
};

}  // namespace holdfast
