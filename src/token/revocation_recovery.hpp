// What a node remembers of a data set that is lost, recorded again one by one.
#pragma once

#include "holdfast/journal.hpp"
#include "token/guard_set.hpp"
#include "token/revocation_table.hpp"
#include "token/session_store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

/// A failure costs the one entry it struck: the next go_on() continues there.
class revocation_recovery {
public:
    /// `request` names the node in what it records.
    revocation_recovery(session_store& sessions, journal& events, std::string request)
        : sessions_(sessions), events_(events), request_(std::move(request)) {}

    /// Everything in the table is to be recorded, and nothing has been: the data set is another.
    void begin(const revocation_table& known);
    bool done() const noexcept { return next_ == users_.size() + ended_.size(); }
    /// The number in the feed up to which everything recorded so far lies.
    std::int64_t recorded() const noexcept { return recorded_; }

    /// Records some more. False on trouble in the store. What belongs to a guard that is not
    /// configured any more is passed over.
    task<bool> go_on(std::shared_ptr<const guard_set> guards);

private:
    task<result<feed_position>> record(const guard_set& guards, std::size_t index);

    session_store& sessions_;
    journal& events_;
    std::string request_;
    std::vector<std::pair<user_ref, revocation_table::user_entry>> users_;
    std::vector<std::pair<session_ref, std::int64_t>> ended_;  ///< until when, in ms
    std::size_t next_ = 0;                                     ///< users first, then sessions
    std::int64_t recorded_ = 0;
};

}  // namespace holdfast
