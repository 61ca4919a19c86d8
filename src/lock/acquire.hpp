// The life of one attempt to take a lock, from the first question to the lease or the way out.
#pragma once

#include "holdfast/lease_offer.hpp"
#include "lock/lock_core.hpp"

namespace holdfast {

/// `waits` = false: one try, whatever the options say about time.
task<result<lease>> acquire_lock(std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                                 bool waits, acquire_options options);

/// Takes an offered lease over, with repeats.
task<result<lease>> accept_offer(std::shared_ptr<lock_core> core, lease_offer offer);

/// One release with its repeats; goes on in the background when the store does not answer.
task<result<bool>> release_now(std::shared_ptr<lock_core> core, lease held);

}  // namespace holdfast
