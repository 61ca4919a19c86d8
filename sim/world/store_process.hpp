// The store as a process: the embedded engine with a clock, connections and troubles of its own.
#pragma once

#include "holdfast/store.hpp"
#include "sim/world/network.hpp"
#include "store/embedded/embedded_engine.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace holdfast::sim {

/// One connection, as both ends know it.
struct connection {
    explicit connection(node& who) : host(who), incarnation(who.incarnation()) {}

    node& host;
    std::uint64_t incarnation;
    std::function<void(std::string)> on_push;  ///< called at the client when a push arrives
    std::function<void()> on_reset;            ///< called at the client: the store knows it no more
    std::vector<std::string> channels;
    bool greeted = false;
    bool open = false;  ///< the store's view; it may be long after the client's
    message_order to_store, to_client;
    std::vector<std::uint64_t> subscriptions;
};

/// A script that was executed, as an observer sees it.
struct executed {
    const node& by;
    const script& what;
    std::span<const std::string> keys, args;
    const result<reply>& answer;
};

class store_process {
public:
    store_process(world& in, network& through);

    /// What the story calls it.
    std::string name = "store";

    // What arrives from clients.
    using on_answer = std::function<void(result<reply>)>;
    void accept(const std::shared_ptr<connection>& from, std::function<void(bool accepted)> greet);
    /// `reply_to` is called at the client, if the reply arrives.
    void execute(const std::shared_ptr<connection>& from, const script& what,
                 const std::vector<std::string>& keys, const std::vector<std::string>& args,
                 on_answer reply_to);
    /// The client's process died: the store notices at once, or after a long silence if cut off.
    void client_gone(const std::shared_ptr<connection>& from);
    void close(const std::shared_ptr<connection>& from);

    // Troubles.
    enum class data { kept, lost, rolled_back };
    /// Goes away for a while; all connections break. `writes`: how many of the last are forgotten
    /// when rolled back, as after a failover to a lagging replica.
    void restart(data what_becomes, std::size_t writes, nanoseconds down_for);
    void come_up();
    void step_clock(microseconds by);
    void set_clock_right() {
        if (clock_offset_ != microseconds{0}) step_clock(-clock_offset_);
    }
    void flush_all();
    void set_out_of_memory(bool full);
    /// One script that takes so long: everything behind it waits.
    void block_for(nanoseconds span);

    wall_time clock() const noexcept { return world_.wall_now() + clock_offset_; }
    bool up() const noexcept { return up_; }
    /// Whether a message to the channel reaches a connection: what PUBLISH counts.
    bool listens(std::string_view channel) const;
    embedded::embedded_engine& engine() noexcept { return engine_; }
    /// Rises when writes were lost: what was concluded from the store before does not hold.
    std::uint64_t losses() const noexcept { return losses_; }
    /// When writes were lost or the clock stepped for the last time: what the store answered
    /// earlier may be void.
    steady_time disturbed_at() const noexcept { return disturbed_at_; }
    steady_time stepped_at() const noexcept { return stepped_at_; }
    /// When it lost its last writes and kept those before.
    steady_time rolled_back_at() const noexcept { return rolled_back_at_; }
    /// When it came up, by its own clock of that time.
    wall_time started_at() const noexcept { return started_at_; }

    /// Sees each script right after it was executed.
    std::function<void(const executed&)> observe;
    /// Writes were just lost: the data is what it was before them.
    std::function<void()> on_loss;
    /// Replaces scripts, for tests that break them on purpose.
    std::function<script(const script&)> instead_of;

private:
    void run_now(const std::shared_ptr<connection>& from, const script& what,
                 std::span<const std::string> keys, std::span<const std::string> args,
                 const on_answer& reply_to);
    void reset(const std::shared_ptr<connection>& at);
    void lost_writes();

    world& world_;
    network& network_;
    embedded::embedded_engine engine_;
    std::vector<std::shared_ptr<connection>> connections_;
    microseconds clock_offset_{0};
    steady_time busy_until_{};
    std::uint64_t life_ = 1;
    std::uint64_t losses_ = 0;
    steady_time disturbed_at_ = steady_time::min();
    steady_time stepped_at_ = steady_time::min();
    steady_time rolled_back_at_ = steady_time::min();
    wall_time started_at_ = world_.wall_now();
    bool up_ = true;
};

}  // namespace holdfast::sim
