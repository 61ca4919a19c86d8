// The store seam of one incarnation, over a network that loses things.
#pragma once

#include "holdfast/store.hpp"
#include "sim/world/store_process.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace holdfast::sim {

struct sim_store_options {
    std::string prefix = "hf:";
    nanoseconds call_timeout = milliseconds{2000};
    nanoseconds connect_timeout = milliseconds{2000};
};

/// Behaves as the Redis link does: calls wait for a connection until their time is up, a lost
/// connection leaves what was sent unknown, silence makes it connect anew, every new connection is
/// a new epoch.
class sim_store final : public store {
public:
    sim_store(node& host, network& through, store_process& server, sim_store_options options = {});
    ~sim_store() override;
    sim_store(const sim_store&) = delete;

    task<result<reply>> run(const script&, script_keys, script_args) override;
    const std::string& process_channel() const noexcept override;
    const std::string& fleet_channel() const noexcept override;
    const std::string& prefix() const noexcept override;
    push_dispatcher& pushes() noexcept override;
    std::uint64_t epoch() const noexcept override;
    bool connected() const noexcept override;
    task<void> close() override;

    /// Called when the outcome of a call stays unknown.
    std::function<void(std::string_view script)> on_unknown;

    class link;

private:
    std::shared_ptr<link> link_;
};

}  // namespace holdfast::sim
