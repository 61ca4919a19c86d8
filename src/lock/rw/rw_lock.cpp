// The blocking calls of the reader-writer lock.
#include "holdfast/rw_lock.hpp"

#include "lock/blocking_calls.hpp"
#include "lock/thread_leases.hpp"

namespace holdfast {
namespace {

using shared_lease = std::shared_ptr<scoped_lease>;

task<result<shared_lease>> upgrade_kept(locker& locks, shared_lease held, steady_time give_up_at) {
    const auto intent = held->current();
    async_rw_lock lock(locks, intent.name(), intent.ttl());
    auto writer = co_await lock.upgrade(intent, give_up_at);
    if (!writer) co_return writer.error();
    (void)held->detach();
    co_return std::make_shared<scoped_lease>(locks.keep(std::move(*writer)));
}

task<result<bool>> downgrade_kept(locker& locks, shared_lease held, rw_mode to) {
    const auto now = held->current();
    async_rw_lock lock(locks, now.name(), now.ttl());
    co_return co_await lock.downgrade(now, to);
}

[[noreturn]] void fail(const error_code& why, const lock_name& name) {
    throw boost::system::system_error(why, "lock " + name.str());
}

}  // namespace

rw_lock::rw_lock(client& owner, lock_name name, lease_ttl ttl)
    : client_(owner),
      name_(std::move(name)),
      ttl_(ttl),
      holds_(std::make_unique<thread_leases>()) {}

rw_lock::~rw_lock() = default;

bool rw_lock::take(rw_mode mode, nanoseconds patience) {
    auto how = [this, mode, patience, options = by_this_thread()](locker& locks) {
        async_rw_lock lock(locks, name_, ttl_);
        if (patience <= nanoseconds{0}) return lock.try_acquire(mode, options);
        auto limited = options;
        limited.give_up_at = after(locks.now(), patience);
        return lock.acquire(mode, std::move(limited));
    };
    return holds_->keep(hold_or_nothing(blocking_lease::take(client_, how), name_));
}

void rw_lock::unlock() { holds_->give_back(); }

bool rw_lock::step_up(nanoseconds span) {
    auto held = holds_->take();
    if (!held) fail(errc::lease_lost, name_);
    const auto kept = held.kept();
    auto writer = client_.run([kept, span](locker& locks) {
        return upgrade_kept(locks, kept, after(locks.now(), span));
    });
    if (!writer) {
        holds_->keep(std::move(held));
        if (errc_of(writer.error()) == errc::timed_out) return false;
        fail(writer.error(), name_);
    }
    holds_->keep(blocking_lease(client_, std::move(*writer)));
    return true;
}

void rw_lock::downgrade(rw_mode to) {
    const auto kept = holds_->read([](const blocking_lease& held) { return held.kept(); });
    if (!kept) fail(errc::lease_lost, name_);
    const auto done =
        client_.run([kept, to](locker& locks) { return downgrade_kept(locks, kept, to); });
    if (!done) fail(done.error(), name_);
}

fencing_token rw_lock::fence() const { return holds_->fence(); }

std::stop_token rw_lock::lost() const { return holds_->lost(); }

lost_reason rw_lock::reason() const { return holds_->reason(); }

}  // namespace holdfast
