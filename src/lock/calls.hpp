// The scripts of this room as functions: arguments in, checked values out, one round trip each.
#pragma once

#include "lock/lock_core.hpp"
#include "lock/wait_plan.hpp"

#include <cstdint>
#include <optional>

namespace holdfast {

/// A waiter that is granted but frozen keeps the lock for this long at most.
inline constexpr milliseconds provisional_lease{3000};

struct acquire_answer {
    std::optional<fencing_token> fence = {};  ///< set: held, for a whole lease from now
    wait_view waiting = {};                   ///< otherwise
};
/// Reads {1, fence, ticket}, {0, position, ttl, foreign, ticket, server us or "", holder's trace if
/// the script tells it} and {-1}; notes the ticket.
result<acquire_answer> read_acquire(const reply& answer, lock_attempt& attempt);

/// Takes the lock, or (if the attempt waits) stands in its queue. Notes ticket and presence in the
/// attempt, which must outlive the call.
task<result<acquire_answer>> call_acquire(lock_core& core, lock_attempt& attempt);

enum class extend_answer { extended, erased, taken_over };
/// Reads 1, 0 and 2 as extend.lua answers them.
extend_answer read_extend(const reply& answer);
task<result<extend_answer>> call_extend(lock_core& core, lease held);

/// A lease of any kind, on its own terms. True: released now. Repeats by itself while many dead
/// waiters are being skipped. In a cluster slot that is being moved the lock is given up without a
/// hand-over.
task<result<bool>> call_release(lock_core& core, lease held);
/// Hands on one grant of an owner that will ask again. False: it holds that one no more. In a
/// cluster slot that is being moved: slot_migrating, and nothing is done.
task<result<bool>> call_refuse(lock_core& core, lock_name name, owner_id owner,
                               fencing_token grant);

/// Leaves the queue or hands a grant on.
task<result<void>> call_cancel_wait(lock_core& core, lock_attempt attempt);

/// Two arguments: the highest fence seen for the lock, and "1" if its counter is to be raised.
void add_floor(script_args& args, const lock_core& core, const lock_name& name);
/// The new fence; none: the offered grant is not in force.
task<result<std::optional<fencing_token>>> call_accept(lock_core& core, lock_attempt attempt,
                                                       owner_id offered, fencing_token known);

struct reserved_fences {
    std::optional<fencing_token> first = {};  ///< none: the lock is not the caller's
    bool others_wait = false;                 ///< somebody stands in the queue
};
/// The next `count` fences for turns inside this process. `used`: the highest one so far. `span`:
/// what the first waiter elsewhere is told that they take at most; none: it is told nothing.
task<result<reserved_fences>> call_reserve(lock_core& core, lock_name name, owner_id owner,
                                           unsigned count, fencing_token used,
                                           std::optional<milliseconds> span);

/// Whether the holder's process was told. Failures: not_found, wrong_type.
task<result<bool>> call_revoke(lock_core& core, lock_name name);

/// The store's wall clock.
task<result<microseconds>> call_store_clock(lock_core& core, lock_name name);

/// The same call may be made again and may succeed: not reached, or no answer.
bool may_repeat(const error_code& ec) noexcept;

}  // namespace holdfast
