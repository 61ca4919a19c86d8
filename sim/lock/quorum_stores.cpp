// The servers, and what INFO would say of them.
#include "sim/lock/quorum_stores.hpp"

#include <stdexcept>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr std::string_view asks_info = "redis.pcall('INFO', 'server')";
constexpr nanoseconds clocks_differ_by = seconds{20};

simulation_options on_servers_and_lines(simulation_options options) {
    options.faults.remove(fault::crash).remove(fault::pause).remove(fault::skew);
    return options;
}

}  // namespace

quorum_server::quorum_server(simulation::fleet& of, random draws, std::string name)
    : lines(of.space, draws.fork()),
      server(of.space, lines),
      faults(of.space, lines, server, draws.fork(), on_servers_and_lines(of.options)) {
    server.name = std::move(name);
    const auto offset = draws.between(-clocks_differ_by, clocks_differ_by);
    server.step_clock(std::chrono::duration_cast<microseconds>(offset));
    server.instead_of = [this, &of](const script& asked) {
        const auto runs = of.server.instead_of ? of.server.instead_of(asked) : asked;
        return runs.name == "lock/quorum_node" ? with_uptime(runs) : runs;
    };
    faults.restart = of.faults.restart;
    faults.start();
}

// Counted by the server's clock, as Redis counts it. The embedded store has no INFO; what is tested
// here are servers that have.
script quorum_server::with_uptime(const script& asked) {
    const auto started = to_unix_ms(server.started_at()) / 1000;
    auto& [key, text] = texts_[started];
    if (text.empty()) {
        text = asked.text;
        const auto at = text.find(asks_info);
        if (at == text.npos) throw std::logic_error("quorum_node.lua asks for no INFO");
        const auto uptime =
            "('uptime_in_seconds:' .. string.format('%.0f', math.floor(now / 1000) "
            "- " +
            std::to_string(started) + "))";
        text.replace(at, asks_info.size(), uptime);
        key = "quorum_node since " + std::to_string(started);
    }
    return script{asked.name, key, text};
}

quorum_stores::quorum_stores(simulation::fleet& of, std::size_t servers, random draws) {
    for (std::size_t i = 0; i < servers; ++i)
        servers_.push_back(
            std::make_unique<quorum_server>(of, draws.fork(), "q" + std::to_string(i + 1)));
}

std::vector<std::shared_ptr<sim_store>> quorum_stores::connect(node& host) {
    std::vector<std::shared_ptr<sim_store>> stores;
    for (auto& one : servers_)
        stores.push_back(std::make_shared<sim_store>(host, one->lines, one->server));
    return stores;
}

void quorum_stores::heal() {
    for (auto& one : servers_) one->faults.heal();
}

}  // namespace holdfast::sim
