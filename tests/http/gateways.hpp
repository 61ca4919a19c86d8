// Real nginx and Caddy processes running the configurations of deploy/ on free ports.
#pragma once

#include "support/child_process.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace holdfast::test {

struct gateway_ports {
    unsigned short holdfast;
    unsigned short application;
};

/// A gateway that answers on port(); ended with the object. Throws when it does not come up.
class gateway {
public:
    /// `query`, such as "?guard=admin", is added to the question that Holdfast is asked.
    static gateway nginx(gateway_ports behind, std::string_view query);
    static gateway caddy(gateway_ports behind, std::string_view query);

    unsigned short port() const noexcept { return port_; }

private:
    explicit gateway(unsigned short port) : port_(port) {}

    unsigned short port_;
    std::unique_ptr<temporary_folder> folder_ = std::make_unique<temporary_folder>();
    std::unique_ptr<child_process> process_;
};

}  // namespace holdfast::test
