// Virtual time: all nodes, and everything that will happen, in the order in which it happens.
#pragma once

#include "sim/world/node.hpp"
#include "sim/world/random.hpp"
#include "sim/world/trace.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

namespace holdfast::sim {

/// Events are ordered by time and, within one instant, by the order in which they were made. The
/// same seed and the same calls give the same events, whatever the compiler.
///
/// Nothing happens outside run_for() and run_until().
class world {
public:
    explicit world(wall_time begin = from_unix_ms(1'800'000'000'000), std::uint64_t seed = 1)
        : begin_(begin), draws_(seed) {}
    ~world();
    world(const world&) = delete;

    node& add_node(microseconds wall_offset = {});
    std::vector<std::unique_ptr<node>>& nodes() noexcept { return nodes_; }

    /// True time.
    steady_time now() const noexcept { return now_; }
    wall_time wall_now() const noexcept {
        return begin_ + std::chrono::floor<microseconds>(now_.time_since_epoch());
    }
    random& draws() noexcept { return draws_; }
    trace& told() noexcept { return trace_; }

    /// Something that no node does: the network, the store, a fault.
    void at(steady_time when, std::function<void()> what);
    void after(nanoseconds span, std::function<void()> what) { at(now_ + span, std::move(what)); }

    /// Ends every process and forgets what was to come. For owners of things that both refer to.
    void end();

    /// Lets time pass.
    void run_for(nanoseconds span);
    /// Until the predicate holds, asked whenever nothing is left to do at an instant; false after
    /// `limit`.
    bool run_until(const std::function<bool()>& done, nanoseconds limit);

private:
    struct event {
        steady_time at;
        std::uint64_t order;
        std::function<void()> what;
    };
    struct later {
        bool operator()(const event& a, const event& b) const noexcept {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };
    void settle();
    bool advance(steady_time until);

    wall_time begin_;
    random draws_;
    steady_time now_{};
    std::uint64_t last_order_ = 0;
    std::vector<std::unique_ptr<node>> nodes_;
    std::priority_queue<event, std::vector<event>, later> events_;
    trace trace_;
};

}  // namespace holdfast::sim
