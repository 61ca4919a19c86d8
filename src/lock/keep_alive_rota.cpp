// Heaps of weak references: a lease that has gone costs an entry until its time comes, no more.
#include "lock/keep_alive_rota.hpp"

#include "base/mutant.hpp"
#include "lock/held_lease.hpp"
#include "lock/lock_core.hpp"

namespace holdfast {

keep_alive_rota::keep_alive_rota(lock_core& core) : core_(core), changed_(core.rt.executor()) {}

void keep_alive_rota::join(const std::shared_ptr<held_lease>& lease) {
    ++members_;
    wake_at(core_.rt.now(), lease);
    if (running_) return;
    running_ = true;
    core_.keep_running(run(core_.shared_from_this()));
}

void keep_alive_rota::leave() {
    if (--members_ > 0) return;
    sleeping_ = {};
    urgent_ = {};
    changed_.notify_all();
}

void keep_alive_rota::wake_at(steady_time at, const std::shared_ptr<held_lease>& lease) {
    sleeping_.push({at, lease});
    if (at < sleeps_until_) changed_.notify_all();
}

void keep_alive_rota::extend(steady_time lost_at, const std::shared_ptr<held_lease>& lease) {
    urgent_.push({lost_at, lease});
    changed_.notify_all();
}

void keep_alive_rota::answered() {
    --in_flight_;
    if (!urgent_.empty()) changed_.notify_all();
}

void keep_alive_rota::wake_due() {
    const auto now = core_.rt.now();
    while (!sleeping_.empty() && sleeping_.top().at <= now) {
        const auto due = sleeping_.top();
        sleeping_.pop();
        if (mutant("rota-skips-a-lease") && members_ > 1) continue;
        if (const auto lease = due.lease.lock()) lease->wake(due.at);
    }
}

void keep_alive_rota::send_more() {
    while (in_flight_ < in_flight_limit && !urgent_.empty()) {
        const auto lease = urgent_.top().lease.lock();
        urgent_.pop();
        if (lease && lease->extend_now()) ++in_flight_;
    }
}

task<void> keep_alive_rota::run(std::shared_ptr<lock_core> core) {
    auto& self = core->rota;
    while (self.members_ > 0) {
        self.wake_due();
        self.send_more();
        if (self.members_ == 0) break;
        self.sleeps_until_ = self.sleeping_.empty() ? steady_time::max() : self.sleeping_.top().at;
        co_await self.changed_.wait_until(core->rt, self.sleeps_until_);
        self.sleeps_until_ = steady_time{};  // awake: nobody needs to notify
    }
    self.sleeps_until_ = steady_time::max();
    self.running_ = false;
}

}  // namespace holdfast
