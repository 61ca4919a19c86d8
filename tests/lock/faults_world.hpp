// Processes that reach one real Redis, each through a proxy of its own.
#pragma once

#include "lock/lock_world.hpp"
#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"
#include "support/tcp_proxy.hpp"

#include <string>
#include <vector>

namespace holdfast::test {

/// Proxies in the order in which processes joined.
class redis_over_proxies final : public shared_state {
public:
    explicit redis_over_proxies(std::vector<std::string> server_arguments = {},
                                std::string parameters = "?timeout=1000")
        : server(std::move(server_arguments)), parameters_(std::move(parameters)) {}

    std::unique_ptr<store> open(real_world& world) override {
        proxies.push_back(std::make_unique<tcp_proxy>(server.port()));
        auto made = std::make_unique<redis_store>(
            world.runtime, null_journal(), logger(log_level::off, log_format::text),
            parse_redis_url(proxies.back()->url() + parameters_).value());
        world.run(made->start()).value();
        return made;
    }

    redis_server server;
    std::vector<std::unique_ptr<tcp_proxy>> proxies;

private:
    std::string parameters_;
};

/// A fleet of `a` and `b` over them.
class faulty_fleet : public testing::Test {
protected:
    void begin(std::vector<std::string> server_arguments = {}) {
        auto made = std::make_unique<redis_over_proxies>(std::move(server_arguments));
        redis = made.get();
        fleet = std::make_unique<lock_fleet>(std::move(made));
    }
    tcp_proxy& proxy_of_a() { return *redis->proxies.at(0); }
    tcp_proxy& proxy_of_b() { return *redis->proxies.at(1); }
    redis_server& server() { return redis->server; }
    /// What the link that is open now carries stays in the proxy; a new one is not touched.
    static void half_open(tcp_proxy& proxy) {
        const auto link = proxy.connections().at(0);
        proxy.set(link, tcp_proxy::way::requests, tcp_proxy::flow::hold);
        proxy.set(link, tcp_proxy::way::replies, tcp_proxy::flow::hold);
    }
    static void freeze(tcp_proxy& proxy) {
        proxy.set(tcp_proxy::way::requests, tcp_proxy::flow::hold);
        proxy.set(tcp_proxy::way::replies, tcp_proxy::flow::hold);
    }

    redis_over_proxies* redis = nullptr;
    std::unique_ptr<lock_fleet> fleet;
};

}  // namespace holdfast::test
