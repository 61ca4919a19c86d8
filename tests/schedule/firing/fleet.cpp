// Faults and bookkeeping of the virtual fleet.
#include "schedule/firing/fleet.hpp"

#include <algorithm>

namespace holdfast::test {

task<result<reply>> faulty_store::run(const script& what, script_keys keys, script_args args) {
    ++calls[std::string(what.name)];
    co_await node_.sleep_until(node_.now() + latency);
    if (away) co_return errc::store_unavailable;
    auto answer = co_await inner_.run(what, std::move(keys), std::move(args));
    co_await node_.sleep_until(node_.now() + latency);
    if (lose_every != 0 && ++count_ % lose_every == 0) co_return errc::outcome_unknown;
    co_return answer;
}

std::size_t event_list::count(event_kind kind) const {
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(), [kind](const happened& e) { return e.kind == kind; }));
}

instance::instance(sim::node& n, store& through, scheduler_options options)
    : node(n), faults(n, through), schedule(n, faults, events, std::move(options)) {}

std::map<wall_time, unsigned> work_log::times() const {
    std::map<wall_time, unsigned> counted;
    for (const auto& e : begun) ++counted[e.fire_time];
    return counted;
}

instance& fleet::add(microseconds wall_offset) {
    scheduler_options options{.node = "n" + std::to_string(instances.size() + 1)};
    auto& node = world.add_node(wall_offset);
    stores.push_back(std::make_unique<sim::sim_store>(node, lines, server));
    instances.push_back(std::make_unique<instance>(node, *stores.back(), std::move(options)));
    return *instances.back();
}

job_spec fleet::job(instance& on, std::string schedule, milliseconds span) {
    auto* node = &on.node;
    auto* to = &log;
    const auto name = "n" + std::to_string(instances.size());
    function_work work{
        "test", [node, to, name, span](job_context& c) -> task<result<void>> {
            const work_log::entry entry{name, c.firing().fire_time, c.fence().value(), c.attempt(),
                                        node->wall_now()};
            to->begun.push_back(entry);
            const auto until = node->now() + span;
            while (node->now() < until && !c.stop().stop_requested())
                co_await node->sleep_until(std::min(until, node->now() + milliseconds{10}));
            if (c.stop().stop_requested()) co_return errc::cancelled;
            to->ended.push_back(entry);
            co_return result<void>();
        }};
    return job_spec(job_name("tick"), std::move(schedule), std::move(work));
}

}  // namespace holdfast::test
