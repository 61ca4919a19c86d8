// Several schedulers in virtual time on one simulated store whose clock is the true one.
#pragma once

#include "holdfast/schedule.hpp"
#include "sim/world/sim_store.hpp"
#include "sim/world/world.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::test {

/// A store that can be away, or lose replies after the script has run.
class faulty_store final : public store {
public:
    faulty_store(sim::node& node, store& inner) : node_(node), inner_(inner) {}

    task<result<reply>> run(const script&, script_keys, script_args) override;
    const std::string& process_channel() const noexcept override {
        return inner_.process_channel();
    }
    const std::string& fleet_channel() const noexcept override { return inner_.fleet_channel(); }
    const std::string& prefix() const noexcept override { return inner_.prefix(); }
    push_dispatcher& pushes() noexcept override { return inner_.pushes(); }
    std::uint64_t epoch() const noexcept override { return inner_.epoch(); }
    bool connected() const noexcept override { return !away; }
    task<void> close() override { return inner_.close(); }

    bool away = false;
    unsigned lose_every = 0;  ///< the reply of every n-th call
    milliseconds latency{1};
    std::map<std::string, unsigned> calls = {};  ///< by script

private:
    sim::node& node_;
    store& inner_;
    unsigned count_ = 0;
};

struct happened {
    event_kind kind;
    std::string subject, who, detail;
    std::uint64_t number;
};

class event_list final : public journal {
public:
    void record(const event& e) override {
        events.push_back(
            {e.kind, std::string(e.subject), std::string(e.who), std::string(e.detail), e.number});
    }
    std::size_t count(event_kind kind) const;
    std::vector<happened> events;
};

/// One instance: node, store, scheduler.
struct instance {
    instance(sim::node& n, store& through, scheduler_options options);
    void start() { node.spawn(schedule.run()); }

    sim::node& node;
    faulty_store faults;
    event_list events;
    scheduler schedule;
};

/// What ran where, for all instances.
struct work_log {
    struct entry {
        std::string node;
        wall_time fire_time;
        std::uint64_t fence;
        unsigned attempt;
        wall_time at;
    };
    std::vector<entry> begun;
    std::vector<entry> ended;

    /// How often each fire time was begun.
    std::map<wall_time, unsigned> times() const;
};

class fleet {
public:
    fleet() { lines.quality.latency = {}; }
    ~fleet() { world.end(); }

    instance& add(microseconds wall_offset = {});
    /// A job whose work takes `span` and is written to the log.
    job_spec job(instance& on, std::string schedule, milliseconds span);

    sim::world world;
    sim::network lines{world, sim::random(1)};
    sim::store_process server{world, lines};
    sim::node& desk = world.add_node();  ///< of the administrator: runs no jobs
    sim::sim_store desk_store{desk, lines, server};
    std::vector<std::unique_ptr<sim::sim_store>> stores;
    std::vector<std::unique_ptr<instance>> instances;
    work_log log;
};

}  // namespace holdfast::test
