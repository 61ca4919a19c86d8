// What a node remembers and the store has lost, recorded again step by step.
#pragma once

#include "holdfast/journal.hpp"
#include "token/guard_set.hpp"
#include "token/revocation_table.hpp"
#include "token/session_store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

/// A failure costs the one step it struck: the next go_on() continues there.
class revocation_recovery {
public:
    /// `request` names the node in what it records.
    revocation_recovery(session_store& sessions, journal& events, std::string request)
        : sessions_(sessions), events_(events), request_(std::move(request)) {}

    /// What is over in `known` and not in `stored` is to be recorded. `stored` is what the data set
    /// held up to this number of its feed.
    void begin(const revocation_table& known, const revocation_table& stored, std::int64_t number);
    bool done() const noexcept { return users_.empty() && ended_.empty(); }
    /// A data set that goes so far in its feed holds what was stored and what was recorded so far.
    std::int64_t recorded() const noexcept { return recorded_; }

    /// Records some more. False on trouble in the store. What belongs to a guard that is not
    /// configured any more is passed over.
    task<bool> go_on(std::shared_ptr<const guard_set> guards);

private:
    task<result<feed_position>> record_user(const guard_set& guards);
    task<result<feed_position>> record_sessions(const guard_set& guards);

    session_store& sessions_;
    journal& events_;
    std::string request_;
    // What is left; the last comes first.
    std::vector<std::pair<user_ref, revocation_table::user_entry>> users_;
    std::vector<std::pair<session_ref, std::int64_t>> ended_;  ///< until when, in ms
    std::int64_t recorded_ = 0;
};

}  // namespace holdfast
