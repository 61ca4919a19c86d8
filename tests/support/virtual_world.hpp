// Virtual time for tests: nodes with clocks of their own, and a clock that jumps to the next event.
#pragma once

#include "holdfast/runtime.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::test {

class virtual_world;

/// One node: an io_context of its own and a wall clock that may be wrong. A paused node is not
/// polled, a crashed one never again; both look from outside as they would in reality.
class virtual_node final : public runtime {
public:
    virtual_node(virtual_world& world, microseconds wall_offset, std::uint64_t seed)
        : world_(world), wall_offset_(wall_offset), random_(seed) {}

    steady_time now() const noexcept override;
    wall_time wall_now() const noexcept override;
    task<void> sleep_until(steady_time deadline) override;
    void fill_random(std::span<std::byte> out) override;
    boost::asio::any_io_executor executor() override { return context_.get_executor(); }

    void step_wall_clock(microseconds by) { wall_offset_ += by; }
    void pause() { polled_ = false; }
    void resume() { polled_ = !crashed_; }
    void crash() {
        crashed_ = true;
        polled_ = false;
    }
    void spawn(task<void> work);

private:
    friend class virtual_world;
    using handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;
    using sleeper_key = std::pair<steady_time, std::uint64_t>;

    void add_sleeper(sleeper_key key, handler on_wake);
    void complete(handler on_wake, boost::system::error_code ec);
    bool poll();
    void wake_due();

    virtual_world& world_;
    microseconds wall_offset_;
    std::uint64_t random_;
    boost::asio::io_context context_;
    std::map<sleeper_key, handler> sleepers_;
    std::uint64_t last_sleeper_ = 0;
    bool polled_ = true;
    bool crashed_ = false;
};

/// All nodes and the time. Nothing happens outside run_for(). The same seed and the same calls give
/// the same events in the same order.
class virtual_world {
public:
    explicit virtual_world(wall_time begin = from_unix_ms(1'800'000'000'000),
                           std::uint64_t seed = 1)
        : begin_(begin), seed_(seed) {}
    ~virtual_world();
    virtual_world(const virtual_world&) = delete;

    virtual_node& add_node(microseconds wall_offset = {});

    /// Lets the nodes run until they have all gone to sleep beyond now() + span.
    void run_for(nanoseconds span);
    /// Until the predicate holds, checked whenever all are asleep; false after `limit`.
    bool run_until(const std::function<bool()>& done, nanoseconds limit);

    steady_time now() const noexcept { return now_; }
    /// The true time; a node shows it plus its offset.
    wall_time wall_now() const noexcept {
        return begin_ + std::chrono::floor<microseconds>(now_.time_since_epoch());
    }

private:
    void settle();
    steady_time next_event() const;
    bool advance(steady_time until);

    wall_time begin_;
    std::uint64_t seed_;
    steady_time now_{};
    std::vector<std::unique_ptr<virtual_node>> nodes_;
};

}  // namespace holdfast::test
