// The store in a Redis: one connection per runtime for commands and pushes.
#pragma once

#include "base/log.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/store.hpp"
#include "store/redis/redis_options.hpp"

#include <memory>
#include <string>

namespace holdfast {

class redis_link;

/// Scripts run on one pipelined RESP3 connection, which also carries this process's pushes; calls
/// of one loop turn leave in one write. When the connection breaks it is built anew with capped,
/// jittered back-off; a call waits for that until its own time limit, or fails at once while the
/// outage is already longer than that limit.
///
/// Thread rule: the runtime's thread only. The runtime outlives the store.
class redis_store final : public store {
public:
    redis_store(runtime& rt, journal& events, logger log, redis_options options);
    /// No network I/O beyond closing the socket, no waiting: to Redis it looks like a crash. Calls
    /// that still wait end with outcome_unknown or shutting_down.
    ~redis_store() override;

    /// Connects for the first time. Failure: store_unavailable, store_loading (reach it later),
    /// permission_denied (password, TLS or access list), unsupported_server, protocol_error,
    /// invalid_configuration; problem() then says it in words. The store keeps trying in the
    /// background after a failure too, so a caller may go on without; close() ends that.
    /// Cancellation (any type): throws operation_aborted, the attempt goes on.
    task<result<void>> start();

    /// Why the store is not connected: "what; why; what to do". Empty while it is.
    std::string problem() const;
    /// "7.0.15"; empty before the first connection.
    std::string server_version() const;

    task<result<reply>> run(const script& what, script_keys keys, script_args args) override;
    const std::string& process_channel() const noexcept override;
    const std::string& fleet_channel() const noexcept override;
    const std::string& prefix() const noexcept override;
    push_dispatcher& pushes() noexcept override;
    std::uint64_t epoch() const noexcept override;
    bool connected() const noexcept override;
    task<void> close() override;

private:
    // Shared with the coroutines that keep the connection; they end soon after the store has.
    std::shared_ptr<redis_link> link_;
};

}  // namespace holdfast
