// Keeps a node's revocation table provably fresh, and re-records it when the store loses data.
#pragma once

#include "holdfast/journal.hpp"
#include "runtime/wake_event.hpp"
#include "token/guard_set.hpp"
#include "token/revocation_recovery.hpp"
#include "token/revocation_table.hpp"
#include "token/session_store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace holdfast {

/// The proof of freshness: a probe sent at local instant t0 is answered with the feed's newest
/// number S. Every revocation acknowledged before t0 has a number of at most S. Once the table has
/// applied S, it knows everything acknowledged before t0: `fresh_since` becomes t0. No clocks are
/// compared, only the rate of one; the clock counts suspend.
///
/// When the store has lost its data, or some of it, the node goes on with what is there, records
/// again what it remembers, and then vouches for it (pull.lua): but only for sessions whose end it
/// would know, and only if it had looked shortly before, because what ended while it was away it
/// cannot know.
class revocation_follower {
public:
    using guards_reader = std::function<std::shared_ptr<const guard_set>()>;

    /// `staleness` zero: the table is kept for the day the store loses data, but answers nothing.
    revocation_follower(session_store& sessions, journal& events, guards_reader guards,
                        milliseconds staleness);

    /// Follows until stop(). Never fails: trouble in the store lets the freshness run out.
    /// Cancellation (any type): throws operation_aborted.
    task<void> run();
    void stop();

    struct answer {
        local_verdict verdict;
        milliseconds age;
    };
    /// Nothing while the table is not fresh enough.
    std::optional<answer> judge(const token_view& token, const token_policy& policy) const;

    /// Waits until the table reflects what the store holds now: a loss of data that had not been
    /// noticed yet is mended then. False when that takes too long; true at once if nobody follows.
    task<bool> settle();

    /// What this node has ended by itself is known here before the feed brings it back. Nothing,
    /// unless run() is under way: who does not follow would never hear that it is over.
    void note_revoked(const session_ref& session, std::int64_t drop_ms);
    void note_epoch(const user_ref& user, std::uint64_t epoch, std::int64_t drop_ms);

    const revocation_table& table() const noexcept { return table_; }

private:
    enum class step { caught_up, more, trouble };

    task<step> probe();
    task<step> load_snapshot();
    void remember();
    task<step> recover();
    nanoseconds rest_between_probes() const;
    void apply_entry(std::string_view entry);

    session_store& sessions_;
    guards_reader guards_;
    milliseconds staleness_;
    wake_event wake_;
    wake_event settled_;
    std::string node_;
    push_dispatcher::registration pushes_;

    revocation_table table_;
    std::string born_ = "0";
    std::int64_t born_ms_ = 0;  // the same, read
    std::int64_t applied_ = 0;
    std::string last_entry_;
    bool loaded_ = false;
    bool following_ = false;
    bool pushed_ = false;
    bool stopped_ = false;
    std::optional<steady_time> fresh_since_;

    // As of the last time when everything was known.
    steady_time complete_at_{};
    std::int64_t since_ms_ = 0;  // of which sessions: those that began from then on

    revocation_recovery recovery_;
    bool recovering_ = false;
    bool may_vouch_ = false;
};

}  // namespace holdfast
