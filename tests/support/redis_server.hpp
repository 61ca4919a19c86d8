// A real redis-server on a free port of 127.0.0.1, with a folder of its own.
#pragma once

#include "support/child_process.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

/// Started and ready when constructed; ended when destroyed. Appends its arguments to the server's
/// command line, e.g. {"--appendonly", "yes"}. No persistence unless asked for. `environment` is
/// added to ours.
class redis_server {
public:
    explicit redis_server(std::vector<std::string> arguments = {},
                          std::map<std::string, std::string> environment = {});

    unsigned short port() const noexcept { return port_; }
    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_) + "/0"; }
    const std::string& folder() const noexcept { return folder_.path(); }
    child_process& process() { return *process_; }

    /// Ends it (SIGKILL by default) and returns when it is gone. The port stays reserved for
    /// start().
    void stop(int signal = 9);
    /// Starts it again, on the same port and folder.
    void start();

    /// One command through redis-cli; its standard output without the last newline.
    std::string cli(std::vector<std::string> command) const;

private:
    std::vector<std::string> arguments_;
    std::map<std::string, std::string> environment_;
    temporary_folder folder_;
    unsigned short port_;
    std::unique_ptr<child_process> process_;
};

}  // namespace holdfast::test
