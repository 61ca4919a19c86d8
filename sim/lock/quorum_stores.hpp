// Several independent stores beside the fleet's own: each with its clock, its lines and its faults.
#pragma once

#include "sim/world/fleet.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::sim {

/// One server of a quorum. Its lines to the nodes break independently of those to other servers.
class quorum_server {
public:
    quorum_server(simulation::fleet& of, random draws, std::string name);

    network lines;
    store_process server;
    nemesis faults;

private:
    /// The script that asks for the server's age, with an answer of INFO as Redis would give it.
    script with_uptime(const script& asked);

    std::map<std::int64_t, std::pair<std::string, std::string>> texts_;  // by start: key and text
};

class quorum_stores {
public:
    quorum_stores(simulation::fleet& of, std::size_t servers, random draws);

    std::size_t size() const noexcept { return servers_.size(); }
    std::size_t majority() const noexcept { return size() / 2 + 1; }
    store_process& at(std::size_t i) { return servers_[i]->server; }

    /// Connections of one process to every server.
    std::vector<std::shared_ptr<sim_store>> connect(node& host);
    void heal();

private:
    std::vector<std::unique_ptr<quorum_server>> servers_;
};

}  // namespace holdfast::sim
