// The client's end of the connection between a node and the store.
#pragma once

#include "sim/world/sim_store.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <map>
#include <optional>

namespace holdfast::sim {

/// Lives as long as something on its node refers to it; what arrives later finds it gone.
class sim_store::link : public std::enable_shared_from_this<link> {
public:
    using handler = boost::asio::any_completion_handler<void(error_code, result<reply>)>;

    link(node& host, network& through, store_process& server, sim_store_options options);

    void begin();
    void add(const script& what, script_keys keys, script_args args, handler resume);
    void stop();

    node& host;
    sim_store_options options;
    std::string process_channel, fleet_channel;
    push_dispatcher pushes;
    std::uint64_t epoch = 0;
    bool stopped = false;
    std::function<void(std::string_view)> on_unknown;

    bool up() const noexcept { return up_; }

private:
    struct call {
        script what;
        script_keys keys;
        script_args args;
        handler resume;
        steady_time deadline;
        bool sent = false;
    };
    using calls = std::map<std::uint64_t, call>;

    template <class F>
    std::function<void()> on_node(F what);
    void connect();
    void came_up(const std::shared_ptr<connection>& through);
    void went_down();
    void attempt_failed(std::uint64_t attempt);
    void send(std::uint64_t id, call& what);
    void answered(std::uint64_t id, result<reply> answer);
    void finish(calls::iterator which, error_code failed, result<reply> answer);
    void arm();
    void expire();
    void check_line();

    network& network_;
    store_process& server_;
    std::shared_ptr<connection> connection_;
    calls calls_;
    std::uint64_t last_call_ = 0;
    std::uint64_t attempt_ = 0;
    unsigned failures_ = 0;
    bool up_ = false;
    bool armed_ = false;
    steady_time heard_at_{};
};

}  // namespace holdfast::sim
