// Looking at locks without touching them.
#pragma once

#include "holdfast/lock_info.hpp"
#include "lock/lock_core.hpp"

namespace holdfast {

task<result<lock_info>> inspect_lock(lock_core& core, lock_name name);
task<result<std::vector<lock_info>>> list_locks(lock_core& core);

}  // namespace holdfast
