// One thread of the daemon: a runtime with its own store connection, services and HTTP server.
#pragma once

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "cli/config/config.hpp"
#include "client/open_store.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/same_token.hpp"
#include "http/services.hpp"
#include "token/guard_set.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace holdfast::cli {

/// What a reload may change, as the shards use it. Immutable; swapped as a whole.
struct live_settings {
    std::shared_ptr<const guard_set> guards;
    std::shared_ptr<const http::policy> rules;
    std::string jwks;
};

/// What all shards share. Outlives them.
struct shard_context {
    const config& settings;
    store_source& source;
    metrics& counts;
    journal& events;
    logger log;
    std::atomic<bool> draining{false};
};

same_token_options same_token_options_of(const same_token_config& from);

/// Started when constructed; start-up ends when ready() returns. stop() before destruction.
class shard {
public:
    shard(shard_context& shared, live_settings first, unsigned short port);
    ~shard();
    shard(const shard&) = delete;

    /// Waits until the shard listens, and returns its port. Throws command_failure when it cannot.
    unsigned short ready();

    /// Takes new settings at the next turn of its loop. Thread-safe.
    void reload(live_settings next);

    /// Begins the graceful end: drain for at most `grace`, then close everything. Thread-safe.
    void begin_stop(milliseconds grace);
    /// Returns when the thread has ended.
    void join();

private:
    struct parts;
    void run(unsigned short port);

    std::unique_ptr<parts> parts_;
    std::promise<unsigned short> started_;
    std::jthread thread_;
};

}  // namespace holdfast::cli
