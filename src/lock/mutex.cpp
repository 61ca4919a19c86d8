// The blocking calls of the mutex.
#include "holdfast/mutex.hpp"

#include "lock/blocking_calls.hpp"
#include "lock/thread_leases.hpp"

#include <utility>

namespace holdfast {

mutex::mutex(client& owner, lock_name name, lease_ttl ttl)
    : client_(owner),
      name_(std::move(name)),
      ttl_(ttl),
      holds_(std::make_unique<thread_leases>()) {}

mutex::~mutex() = default;

bool mutex::take(nanoseconds patience) {
    auto how = [this, patience, options = by_this_thread()](locker& locks) {
        if (patience <= nanoseconds{0}) return locks.try_acquire(name_, ttl_, options);
        auto limited = options;
        limited.give_up_at = after(locks.now(), patience);
        return locks.acquire(name_, ttl_, limited);
    };
    return holds_->keep(hold_or_nothing(blocking_lease::take(client_, how), name_));
}

void mutex::unlock() { holds_->give_back(); }

fencing_token mutex::fence() const { return holds_->fence(); }

std::stop_token mutex::lost() const { return holds_->lost(); }

lost_reason mutex::reason() const { return holds_->reason(); }

}  // namespace holdfast
