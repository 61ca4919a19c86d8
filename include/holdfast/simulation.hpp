// A whole fleet in virtual time, with faults, from a seed: to test your own code in your own CI.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/runtime.hpp"
#include "holdfast/store.hpp"

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sim {

/// What can go wrong. The names in brackets are what parse() and `holdfast-sim --faults` read.
enum class fault : std::size_t {
    crash,          ///< (crash) a process dies and a new one starts on its node
    pause,          ///< (pause) a process is frozen for a while and notices nothing
    skew,           ///< (skew) a calendar is wrong, a steady clock runs up to 0.9 % off
    cut,            ///< (cut) a node loses its network, one way or both
    slow,           ///< (slow) messages of a node are late
    drop,           ///< (drop) requests are lost
    lost_reply,     ///< (lost-reply) the script ran, the answer or a push is lost
    duplicate,      ///< (duplicate) a request arrives a second time, later
    restart,        ///< (restart) the store restarts with all its data
    failover,       ///< (failover) a replica takes over that lacks the last writes
    rollback,       ///< (rollback) a power cut: the store comes back without its last second
    wipe,           ///< (wipe) the store comes back empty
    clock_step,     ///< (clock-step) the store's clock jumps
    out_of_memory,  ///< (oom) the store refuses writes
    slow_script,    ///< (slow-script) somebody blocks the store
    count
};
std::string_view name_of(fault) noexcept;

class fault_set {
public:
    fault_set() = default;
    static fault_set all() {
        fault_set every;
        every.bits_.set();
        return every;
    }
    /// "crash,lost-reply", "all", "none"; `why` names what is unknown. errc::invalid_argument.
    static result<fault_set> parse(std::string_view list, std::string* why = nullptr);

    fault_set& add(fault f) {
        bits_.set(static_cast<std::size_t>(f));
        return *this;
    }
    fault_set& remove(fault f) {
        bits_.reset(static_cast<std::size_t>(f));
        return *this;
    }
    bool has(fault f) const { return bits_.test(static_cast<std::size_t>(f)); }
    std::string str() const;

private:
    std::bitset<static_cast<std::size_t>(fault::count)> bits_;
};

/// The same options and the same program give the same run, event by event.
struct simulation_options {
    std::uint64_t seed = 1;
    std::size_t nodes = 5;
    fault_set faults = fault_set::all();
    /// How often each kind of fault strikes, about.
    nanoseconds fault_every = minutes{5};
    /// How many of a million messages are lost or doubled, where that fault is on.
    std::uint32_t message_trouble = 2000;
};

/// One incarnation of the program on one node. It is destroyed in a crash, after the coroutines
/// of that incarnation and before the next one starts.
struct process {
    runtime& rt;
    store& shared;    ///< over the faulty network; what it promises is what any store promises
    journal& events;  ///< give it to lockers and schedulers: the story then tells what they did
    std::string node;
    std::uint64_t incarnation;  ///< 1, 2, …
};

/// The fleet. One thread; nothing happens outside run_for(), run_until() and heal().
///
/// A program awaits only what comes from its process: rt.sleep_until(), shared.run() and what is
/// built on them. Real timers, threads and files know nothing of virtual time. Destructors run in a
/// crash as in any unwinding, but what they start does not happen any more.
///
/// Objects that outlive a crash (the resource a lock protects, a database, what the test counts)
/// live outside and are used by plain calls, which are atomic between two suspensions.
class simulation {
public:
    using program = std::function<task<void>(process&)>;

    explicit simulation(simulation_options);
    ~simulation();
    simulation(const simulation&) = delete;

    /// Starts it on every node, at once and again after each crash. A program that returns leaves
    /// its node idle; one that throws ends the run: run_for() rethrows.
    void on_every_node(program);

    void run_for(nanoseconds span);
    /// False when `limit` has passed first.
    bool run_until(const std::function<bool()>& done, nanoseconds limit);
    /// Ends all faults: restarts what is down, thaws, mends, sets clocks right; none strikes again.
    void heal();

    /// True time, which no node can see.
    steady_time now() const noexcept;
    wall_time wall_now() const noexcept;

    /// Equal for two runs that went the same way.
    std::uint64_t trace_hash() const noexcept;
    /// Call before the run to have story() afterwards: the last lines of what happened.
    void keep_story(std::size_t lines);
    std::vector<std::string> story() const;

    class fleet;
    fleet& inside() noexcept { return *fleet_; }

private:
    std::unique_ptr<fleet> fleet_;
};

}  // namespace holdfast::sim
