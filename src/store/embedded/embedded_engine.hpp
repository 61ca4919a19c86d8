// The store inside the process: keys, scripts, channels and, if asked for, a journal on disk.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/store.hpp"
#include "store/embedded/commands.hpp"
#include "store/embedded/keyspace.hpp"
#include "store/embedded/script_engine.hpp"
#include "store/embedded/subscribers.hpp"

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::embedded {

/// What Redis is to a fleet, for one process or one simulation. Thread-safe: the runtimes of a
/// process share one through a shared_ptr. It has no clock and draws no random number; the same
/// calls give the same answers.
class embedded_engine {
public:
    struct options {
        script_engine::limits script_limits = {};
        /// Keep what every script changed, for roll_back(). The memory is never given back.
        bool keep_history = false;
    };

    embedded_engine();
    explicit embedded_engine(options opts);
    embedded_engine(const embedded_engine&) = delete;

    /// Runs the script atomically with TIME standing at `now`.
    ///
    /// Failures: errc::wrong_type, out_of_memory or script_error when it raised (what it had
    /// written by then stays, as in Redis).
    result<reply> run(const script& what, std::span<const std::string> keys,
                      std::span<const std::string> args, wall_time now);

    /// run(), with errors in words: for tests that compare with Redis, and for logs.
    answer call(const script& what, std::span<const std::string> keys,
                std::span<const std::string> args, wall_time now);

    /// Calls back with every message published to the channel, on the publisher's thread and while
    /// the engine is locked: the listener may only hand the message on.
    std::uint64_t subscribe(std::string_view channel, subscribers::listener on_message);
    /// After this returns the listener is not called again.
    void unsubscribe(std::uint64_t id);

    /// A copy of all keys.
    keyspace snapshot() const;
    /// Replaces all keys, as a restart from a copy does. Clears the history.
    void restore(const keyspace& from);
    /// How many scripts have changed something since the history began.
    std::size_t writes() const;
    /// Forgets the last writes, as a failover to a lagging replica or a lost journal tail does.
    /// Needs keep_history.
    void roll_back(std::size_t writes);

    /// From now on commands that need memory fail with OOM, as on a full Redis.
    void set_out_of_memory(bool full);

private:
    void commit();
    void remember();

    mutable std::mutex mutex_;
    options options_;
    keyspace keys_;
    script_engine scripts_;
    subscribers subscribers_;
    outbox outbox_{subscribers_};
    effects effects_;
    std::uint64_t last_subscriber_ = 0;
    bool out_of_memory_ = false;
    keyspace history_base_;
    std::vector<std::string> history_;
};

/// The reply of a script, or the errc its error text stands for.
result<reply> to_reply(answer from);

/// Applies recorded effects; false when they are damaged.
bool replay(keyspace& onto, std::string_view recorded);

}  // namespace holdfast::embedded
