// The life of one attempt to take a lock, from the first question to the lease or the way out.
#pragma once

#include "holdfast/lease_offer.hpp"
#include "lock/lock_core.hpp"

#include <string_view>

namespace holdfast {

inline acquire_options waiting_until(steady_time give_up_at) {
    acquire_options options;
    options.give_up_at = give_up_at;
    return options;
}

/// Whether acquire_options::trace may be this: 128 printable ASCII characters at most, no bar.
bool is_trace(std::string_view text) noexcept;
/// Printable ASCII without blanks and bars.
bool is_one_word(std::string_view text) noexcept;

/// `waits` = false: one try, whatever the options say about time. `kind`: none for a mutex.
task<result<lease>> acquire_lock(std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                                 bool waits, acquire_options options,
                                 std::shared_ptr<lock_kind> kind = nullptr);

/// The same for members of the family that know no head start and no terms.
task<result<lease>> acquire_share(std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                                  bool waits, acquire_options options,
                                  std::shared_ptr<lock_kind> kind);

/// Takes an offered lease over, with repeats.
task<result<lease>> accept_offer(std::shared_ptr<lock_core> core, lease_offer offer);

/// One release with its repeats; goes on in the background when the store does not answer, and when
/// it is cancelled.
task<result<bool>> release_now(std::shared_ptr<lock_core> core, lease held);

}  // namespace holdfast
