// Taking a lock away from its holder, or shares of it from theirs.
#pragma once

#include "lock/lock_core.hpp"

namespace holdfast {

/// As locker::force_break. `holder`: empty, whoever has it.
task<result<fencing_token>> break_lock(std::shared_ptr<lock_core> core, lock_name name,
                                       std::string holder);

}  // namespace holdfast
