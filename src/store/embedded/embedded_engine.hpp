// The store inside the process: keys, scripts, channels and, if asked for, a journal on disk.
#pragma once

#include "base/log.hpp"
#include "holdfast/error.hpp"
#include "holdfast/store.hpp"
#include "store/embedded/commands.hpp"
#include "store/embedded/disk_journal.hpp"
#include "store/embedded/keyspace.hpp"
#include "store/embedded/memory_budget.hpp"
#include "store/embedded/script_engine.hpp"
#include "store/embedded/subscribers.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
        /// Keep what the last so many scripts changed, for roll_back().
        std::size_t history = 0;
        journal_options journal = {};
        /// Above about so many bytes of keys, commands that need memory fail with OOM, as on a
        /// Redis with maxmemory and noeviction; what frees memory goes on. 0: no limit.
        std::size_t max_memory = 0;
        /// Receives redis.log() and what scripts raise.
        std::optional<logger> log = std::nullopt;
    };

    /// In memory only: it all ends with the object.
    embedded_engine();
    explicit embedded_engine(options opts);

    /// Kept in a folder. What a script wrote is in the journal before its reply is given, so
    /// nothing acknowledged is lost when the process is killed (disk_journal.hpp has the rest, and
    /// the
    /// failures). If the clock is behind the journal's last record, all expiries move back with it:
    /// what had ten seconds left has ten seconds left.
    static result<std::shared_ptr<embedded_engine>> open(const std::string& folder, options opts,
                                                         const logger& log, wall_time now,
                                                         std::string& why);
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

    /// Shows all keys as they are, those that are due included, without copying them.
    void look(const std::function<void(const keyspace&)>& at) const;
    /// A copy of all keys.
    keyspace snapshot() const;
    /// Replaces all keys, as a restart from a copy does. Clears the history.
    void restore(const keyspace& from);
    /// From now on nothing that was written before can be rolled back.
    void begin_history();
    /// How many scripts have changed something since then, and since the last restore().
    std::size_t writes() const;
    /// Forgets the last writes, as a failover to a lagging replica or a lost journal tail does: as
    /// many of them as the history has.
    void roll_back(std::size_t writes);

    /// Rewrites the journal without waiting for it to grow; returns when that is done. Nothing
    /// without a journal.
    void compact();

    /// From now on commands that need memory fail with OOM, as on a full Redis.
    void set_out_of_memory(bool full);

private:
    answer run_locked(const script& what, std::span<const std::string> keys,
                      std::span<const std::string> args, wall_time now);
    error_code commit(wall_time now);
    void remember_write();
    void try_journal_again(wall_time now);
    void undo();

    mutable std::mutex mutex_;
    options options_;
    keyspace keys_;
    script_engine scripts_;
    subscribers subscribers_;
    outbox outbox_{subscribers_};
    effects effects_;
    std::uint64_t last_subscriber_ = 0;
    bool out_of_memory_ = false;
    memory_budget budget_;
    keyspace history_base_;             // what the keys were before what history_ holds
    std::vector<std::string> history_;  // effects of each script
    std::size_t writes_ = 0;
    std::unique_ptr<disk_journal> journal_;
    bool journal_failing_ = false;
    bool lost_ = false;  // the keys could not be read back after a failed write
};

/// The reply of a script, or the errc its error text stands for.
result<reply> to_reply(answer from);

}  // namespace holdfast::embedded
