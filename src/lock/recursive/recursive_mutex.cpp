// Counting, by thread or by owner, in front of one hold.
#include "holdfast/recursive_mutex.hpp"

#include "lock/lock_core.hpp"

namespace holdfast {

bool recursive_mutex::again() {
    const std::lock_guard guarded(guard_);
    const auto found = counts_.find(std::this_thread::get_id());
    if (found == counts_.end()) return false;
    if (inner_.reason() != lost_reason::none)
        throw boost::system::system_error(make_error_code(errc::lease_lost), "lock again");
    ++found->second;
    return true;
}

bool recursive_mutex::first(bool got) {
    const std::lock_guard guarded(guard_);
    if (got) counts_[std::this_thread::get_id()] = 1;
    return got;
}

void recursive_mutex::unlock() {
    {
        const std::lock_guard guarded(guard_);
        const auto found = counts_.find(std::this_thread::get_id());
        if (found == counts_.end() || --found->second > 0) return;
        counts_.erase(found);
    }
    inner_.unlock();
}

unsigned recursive_mutex::hold_count() const {
    const std::lock_guard guarded(guard_);
    const auto found = counts_.find(std::this_thread::get_id());
    return found == counts_.end() ? 0 : found->second;
}

struct async_recursive_mutex::state {
    locker& locks;
    boost::asio::any_io_executor executor;
    lock_name name;
    lease_ttl ttl;
    scoped_lease held = {};
    unsigned count = 0;
    bool busy = false;

    using shared = std::shared_ptr<state>;
    using acquiring = task<result<lease>>;

    /// Marks a call as going on.
    struct turn {
        explicit turn(state& s) : of(s) { of.busy = true; }
        ~turn() { of.busy = false; }
        turn(const turn&) = delete;
        state& of;
    };

    static task<result<fencing_token>> enter(shared self, acquiring first) {
        if (self->busy) co_return errc::invalid_argument;
        const turn mine(*self);
        if (self->count > 0) {
            if (self->held.reason() != lost_reason::none) co_return errc::lease_lost;
            ++self->count;
            co_return self->held.fence();
        }
        auto got = co_await std::move(first);
        if (!got) co_return got.error();
        self->held = self->locks.keep(std::move(*got));
        self->count = 1;
        co_return self->held.fence();
    }

    static task<result<bool>> leave(shared self) {
        if (self->busy) co_return errc::invalid_argument;
        const turn mine(*self);
        if (self->count == 0) co_return false;
        if (--self->count > 0) co_return true;
        auto last = std::move(self->held);
        co_return co_await last.release();
    }
};

async_recursive_mutex::async_recursive_mutex(locker& locks, lock_name name, lease_ttl ttl)
    : state_(std::make_shared<state>(locks, locks.core()->rt.executor(), std::move(name), ttl)) {}

task<result<fencing_token>> async_recursive_mutex::lock(steady_time give_up_at) {
    auto first = state_->locks.acquire(state_->name, state_->ttl, give_up_at);
    return state::enter(state_, std::move(first));
}

task<result<fencing_token>> async_recursive_mutex::try_lock() {
    auto first = state_->locks.try_acquire(state_->name, state_->ttl);
    return state::enter(state_, std::move(first));
}

task<result<bool>> async_recursive_mutex::unlock() { return state::leave(state_); }

unsigned async_recursive_mutex::hold_count() const noexcept { return state_->count; }

std::stop_token async_recursive_mutex::lost() const noexcept { return state_->held.lost(); }

lost_reason async_recursive_mutex::reason() const noexcept { return state_->held.reason(); }

boost::asio::any_io_executor async_recursive_mutex::executor() const { return state_->executor; }

}  // namespace holdfast
