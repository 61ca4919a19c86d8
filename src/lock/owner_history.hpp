// The last owners of a lock, for the day after: bounded, expiring, and off the path of the lock.
#pragma once

#include "holdfast/lock_info.hpp"
#include "lock/lock_core.hpp"

namespace holdfast {

/// One attempt to write; what fails is a gap in a history and nothing else. `how` empty: it begins.
task<void> note_owner(std::shared_ptr<lock_core> core, lease held, std::string how);

/// The newest first.
task<result<std::vector<past_owner>>> read_history(lock_core& core, lock_name name);

}  // namespace holdfast
