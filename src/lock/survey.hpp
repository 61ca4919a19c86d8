// Looking at locks without touching them.
#pragma once

#include "holdfast/name_info.hpp"
#include "lock/lock_core.hpp"

namespace holdfast {

/// What a name is. Failures: invalid_argument (a side key), wrong_type (nothing of ours), and as
/// store::run.
task<result<name_info>> inspect_name(lock_core& core, lock_name name);
/// The same of a name that is to be a mutex, or free.
task<result<lock_info>> inspect_lock(lock_core& core, lock_name name);

/// All names that are held or waited for, in order.
task<result<std::vector<name_info>>> list_names(lock_core& core);
/// Those that are mutexes.
task<result<std::vector<lock_info>>> list_locks(lock_core& core);

}  // namespace holdfast
