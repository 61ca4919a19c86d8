// One machine of the fleet: its clocks, and the process that runs on it at the moment.
#pragma once

#include "holdfast/runtime.hpp"
#include "sim/world/node_clock.hpp"
#include "sim/world/random.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::sim {

class world;

/// A runtime over virtual time. A paused node is not polled: to it, time jumps when it goes on. A
/// crashed one loses every coroutine where it stands (destructors run, nothing they start does);
/// restart() begins a new incarnation with nothing of the old.
///
/// A node's code shares nothing with other nodes but what goes through the network.
class node final : public runtime {
public:
    node(world& in, std::size_t index, std::string name, random draws);
    ~node();
    node(const node&) = delete;

    steady_time now() const noexcept override;
    wall_time wall_now() const noexcept override;
    void async_sleep_until(steady_time deadline, sleep_handler on_wake) override;
    void fill_random(std::span<std::byte> out) override { draws_.fill(out); }
    boost::asio::any_io_executor executor() override;

    const std::string& name() const noexcept { return name_; }
    std::size_t index() const noexcept { return index_; }
    std::uint64_t incarnation() const noexcept { return incarnation_; }
    world& in() noexcept { return world_; }

    void pause() {
        paused_ = true;
        forget_wake();
    }
    /// Every other time it takes what has arrived meanwhile before it looks at its clock.
    void resume();
    bool paused() const noexcept { return paused_; }
    /// Takes effect as soon as no code of this node is on the stack.
    void crash() { crash_wanted_ = alive_; }
    bool crashed() const noexcept { return !alive_ || crash_wanted_; }
    /// A new incarnation, empty. Precondition: crashed, and the world has run since.
    void restart();
    /// Called right after a crash has taken effect.
    std::function<void()> on_crash;
    /// Everything that refers to a process of this node was handed to keep(). Then its context,
    /// which costs descriptors, goes with it; otherwise it stays until the world ends.
    bool owns_everything = false;

    /// Whoever asks may set it.
    node_clock& clock() noexcept {
        forget_wake();
        return clock_;
    }
    void step_wall_clock(microseconds by) { clock_.wall_offset += by; }

    void spawn(task<void> work);
    /// Runs on the node as an I/O completion would; dropped with the incarnation.
    void post(std::function<void()> work);
    /// The same when the node's steady clock shows `deadline`.
    void post_at(steady_time deadline, std::function<void()> work);
    /// Dies with the incarnation, after its coroutines; the last kept first.
    void keep(std::shared_ptr<void> belonging);
    /// Called in a crash, to let go of handlers that are kept outside: coroutines hang on them.
    void at_end(std::function<void()> let_go);

private:
    friend class world;
    struct process;
    using sleeper_key = std::pair<steady_time, std::uint64_t>;

    void complete(sleep_handler on_wake, boost::system::error_code ec);
    bool runs() const noexcept { return alive_ && !paused_; }
    /// True instant of the next sleeper. Asked at every step of the world, so it is remembered
    /// until something changes it.
    steady_time next_wake() const noexcept { return wake_known_ ? wake_ : look_for_wake(); }
    steady_time look_for_wake() const noexcept;
    void forget_wake() noexcept { wake_known_ = false; }
    sleeper_key add_sleeper(steady_time deadline, sleep_handler on_wake);
    void wake_due();
    /// Whether poll() would do anything.
    bool wants_poll(steady_time now) const noexcept {
        return crash_wanted_ || (runs() && (ready_ || arrivals_first_ || next_wake() <= now));
    }
    bool poll();
    void take_arrivals();
    void settle_crash();

    world& world_;
    std::size_t index_;
    std::string name_;
    random draws_;
    node_clock clock_;
    std::unique_ptr<process> process_;  // of a crashed node: a shell without frames
    std::vector<std::unique_ptr<process>> graves_;
    bool alive_ = true;
    std::uint64_t incarnation_ = 1;
    bool paused_ = false;
    std::uint64_t pauses_ = 0;
    bool arrivals_first_ = false;
    bool crash_wanted_ = false;
    bool ready_ = true;  // something may have been posted since the last poll
    mutable bool wake_known_ = false;
    mutable steady_time wake_{};
};

}  // namespace holdfast::sim
