// The blocking calls of the mutex, carried to the client's thread and back.
#include "holdfast/mutex.hpp"

#include "lock/thread_leases.hpp"

#include <utility>

namespace holdfast {
namespace {

using kept_lease = result<std::shared_ptr<scoped_lease>>;

task<kept_lease> keep_what_comes(locker& locks, task<result<lease>> acquiring) {
    auto got = co_await std::move(acquiring);
    if (!got) co_return got.error();
    co_return std::make_shared<scoped_lease>(locks.keep(std::move(*got)));
}

task<void> drop(std::shared_ptr<scoped_lease>) { co_return; }

task<result<bool>> give_back(std::shared_ptr<scoped_lease> held) {
    co_return co_await held->release();
}

}  // namespace

mutex::mutex(client& owner, lock_name name, lease_ttl ttl)
    : client_(owner), name_(std::move(name)), ttl_(ttl) {}

mutex::~mutex() {
    for (auto& [thread, held] : held_) {
        auto last = std::make_shared<std::shared_ptr<scoped_lease>>(std::move(held));
        client_.spawn([last](locker&) { return drop(std::move(*last)); });
    }
}

void mutex::lock() {
    acquire([this, options = by_this_thread()](locker& locks) {
        return keep_what_comes(locks, locks.acquire(name_, ttl_, options));
    });
}

bool mutex::try_lock() {
    return acquire([this, options = by_this_thread()](locker& locks) {
        return keep_what_comes(locks, locks.try_acquire(name_, ttl_, options));
    });
}

bool mutex::lock_within(nanoseconds span) {
    if (span <= nanoseconds{0}) return try_lock();
    return acquire([this, span, options = by_this_thread()](locker& locks) {
        auto limited = options;
        limited.give_up_at = locks.now() + span;
        return keep_what_comes(locks, locks.acquire(name_, ttl_, limited));
    });
}

template <class Acquire>
bool mutex::acquire(Acquire how) {
    auto kept = client_.run(std::move(how));
    if (!kept) {
        const auto why = errc_of(kept.error());
        if (why == errc::busy || why == errc::timed_out) return false;
        throw boost::system::system_error(kept.error(), "lock " + name_.str());
    }
    const std::lock_guard guarded(guard_);
    held_[std::this_thread::get_id()] = std::move(*kept);
    return true;
}

void mutex::unlock() {
    auto last = std::make_shared<std::shared_ptr<scoped_lease>>();
    {
        const std::lock_guard guarded(guard_);
        const auto found = held_.find(std::this_thread::get_id());
        if (found == held_.end()) return;
        *last = std::move(found->second);
        held_.erase(found);
    }
    client_.run([last](locker&) { return give_back(std::move(*last)); });
}

std::shared_ptr<scoped_lease> mutex::held() const {
    const std::lock_guard guarded(guard_);
    const auto found = held_.find(std::this_thread::get_id());
    return found == held_.end() ? nullptr : found->second;
}

fencing_token mutex::fence() const {
    const auto mine = held();
    return mine ? mine->fence() : fencing_token();
}

std::stop_token mutex::lost() const {
    const auto mine = held();
    return mine ? mine->lost() : std::stop_token();
}

lost_reason mutex::reason() const {
    const auto mine = held();
    return mine ? mine->reason() : lost_reason::released;
}

}  // namespace holdfast
