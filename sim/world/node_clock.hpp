// The clocks of one machine: a steady one that runs at a rate of its own, a calendar that is off.
#pragma once

#include "holdfast/time.hpp"

#include <cstdint>

namespace holdfast::sim {

/// Maps the world's true time to a machine's. A steady clock bends when its rate changes, it never
/// jumps. The calendar is disciplined from outside: true time plus an offset, whatever the rate.
class node_clock {
public:
    void set_boot(nanoseconds steady_offset) { local_base_ += steady_offset; }
    /// From now on the steady clock gains `ppm` microseconds each second.
    void set_rate(steady_time now, std::int64_t ppm) {
        local_base_ = steady(now);
        true_base_ = now;
        ppm_ = ppm;
    }
    std::int64_t rate() const noexcept { return ppm_; }

    steady_time steady(steady_time now) const noexcept {
        return local_base_ + scaled((now - true_base_).count());
    }
    /// The first true instant at which the steady clock shows `local`.
    steady_time when(steady_time local) const noexcept {
        if (local == steady_time::max()) return local;
        if (ppm_ == 0) return true_base_ + (local - local_base_);
        const auto wanted = (local - local_base_).count();
        auto guess = wanted / (1'000'000 + ppm_) * 1'000'000 +
                     wanted % (1'000'000 + ppm_) * 1'000'000 / (1'000'000 + ppm_) - 1;
        while (scaled(guess).count() < wanted) ++guess;
        return true_base_ + nanoseconds{guess};
    }

    microseconds wall_offset{};

private:
    nanoseconds scaled(std::int64_t span) const noexcept {
        return nanoseconds{span + span / 1'000'000 * ppm_ + span % 1'000'000 * ppm_ / 1'000'000};
    }

    steady_time local_base_{};
    steady_time true_base_{};
    std::int64_t ppm_ = 0;
};

}  // namespace holdfast::sim
