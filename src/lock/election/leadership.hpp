// The kind of a leader's lease: a mutex that also keeps what its holder said.
#pragma once

#include "lock/lock_kind.hpp"
#include "lock/side_key_care.hpp"

namespace holdfast {

/// Candidates wait as for a mutex; only what the leader does differs.
class leadership final : public lock_kind {
public:
    task<result<acquire_answer>> acquire(lock_core&, lock_attempt&) override;
    task<result<void>> cancel(lock_core&, const lock_attempt&) override;
    task<result<extend_answer>> extend(lock_core&, const lease&) override;
    task<result<bool>> release(lock_core&, const lock_name&, owner_id) override;

private:
    side_key_care care_;
};

/// KEYS of every script of an election.
script_keys election_keys_of(const lock_core&, const lock_name&);

}  // namespace holdfast
