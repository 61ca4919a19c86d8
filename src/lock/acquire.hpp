// The life of one attempt to take a lock, from the first question to the lease or the way out.
#pragma once

#include "lock/lock_core.hpp"

namespace holdfast {

/// `give_up_at` in the past and waits = false: one try. `kind`: none for a mutex.
task<result<lease>> acquire_lock(std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                                 bool waits, steady_time give_up_at,
                                 std::shared_ptr<lock_kind> kind = nullptr);

/// One release with its repeats; goes on in the background when the store does not answer.
task<result<bool>> release_now(std::shared_ptr<lock_core> core, lease held);

}  // namespace holdfast
