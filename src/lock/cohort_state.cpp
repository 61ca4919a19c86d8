// The line, the batch of reserved fences, and the pilot that asks the store.
#include "lock/cohort_state.hpp"

#include "lock/calls.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace holdfast {

cohort_state::cohort_state(locker& locks, std::shared_ptr<lock_core> core, lock_name name,
                           lease_ttl ttl, cohort_options options)
    : locks_(locks),
      core_(std::move(core)),
      name_(std::move(name)),
      ttl_(ttl),
      options_(options),
      left_(core_->rt.executor()) {}

void cohort_state::join(const waiter_ptr& waiter) {
    const std::lock_guard locked(guard_);
    line_.push_back(waiter);
    if (!std::exchange(busy_, true)) start_pilot();
}

bool cohort_state::join_if_idle(const waiter_ptr& waiter) {
    const std::lock_guard locked(guard_);
    if (std::exchange(busy_, true)) return false;
    waiter->one_try = true;
    line_.push_back(waiter);
    start_pilot();
    return true;
}

std::optional<result<fencing_token>> cohort_state::leave(const waiter_ptr& waiter) {
    const std::lock_guard locked(guard_);
    if (waiter->outcome) return waiter->outcome;
    std::erase(line_, waiter);
    if (line_.empty())
        boost::asio::post(core_->rt.executor(),
                          [self = shared_from_this()] { self->left_.notify_all(); });
    return std::nullopt;
}

bool cohort_state::deserted() const {
    const std::lock_guard locked(guard_);
    return line_.empty();
}

task<void> cohort_state::until_deserted() {
    while (!deserted()) co_await left_.wait();
}

std::stop_token cohort_state::lost() const {
    const std::lock_guard locked(guard_);
    return lost_;
}

// Called with the guard held, from any thread.
void cohort_state::start_pilot() {
    boost::asio::post(core_->rt.executor(),
                      [self = shared_from_this()] { self->core_->keep_running(pilot(self)); });
}

cohort_state::waiter_ptr cohort_state::take_front() {
    auto front = line_.front();
    line_.pop_front();
    return front;
}

// In memory, if the budget allows. The waiter is woken outside the guard.
bool cohort_state::pass_on(std::unique_lock<std::mutex>& locked) {
    if (line_.empty() || batch_over_ || last_used_ >= last_reserved_ || lost_.stop_requested())
        return false;
    last_used_ = fencing_token(last_used_.value() + 1);
    const auto next = take_front();
    next->outcome.emplace(last_used_);
    locked.unlock();
    next->wake();
    return true;
}

void cohort_state::end_turn() {
    std::unique_lock locked(guard_);
    if (!pass_on(locked)) start_pilot();
}

void cohort_state::fail_front(error_code why) {
    std::unique_lock locked(guard_);
    if (line_.empty()) return;
    const auto next = take_front();
    next->outcome.emplace(why);
    locked.unlock();
    next->wake();
}

steady_time cohort_state::latest_deadline() {
    const std::lock_guard locked(guard_);
    steady_time latest{};
    for (const auto& waiter : line_) {
        if (waiter->patience)
            waiter->give_up_at = core_->rt.now() + *std::exchange(waiter->patience, std::nullopt);
        latest = std::max(latest, waiter->give_up_at);
    }
    return latest;
}

// Until a turn is granted or nobody waits: keep the lock for another batch, or give it to whoever
// else waits in the fleet and stand in line for it again.
task<void> cohort_state::pilot(std::shared_ptr<cohort_state> self) {
    while (true) {
        {
            const std::lock_guard locked(self->guard_);
            if (self->line_.empty() && !self->held_.holds_something()) {
                self->busy_ = false;
                co_return;
            }
        }
        const bool holds = self->held_.holds_something();
        bool granted = false;
        if (holds)
            granted = co_await self->renew_batch();
        else
            granted = co_await self->lead();
        if (granted) co_return;
    }
}

// It may not wait for those behind it, who may have more patience.
cohort_state::waiter_ptr cohort_state::first_of_one_try() {
    const std::lock_guard locked(guard_);
    const bool is_one = !line_.empty() && line_.front()->one_try;
    return is_one ? line_.front() : nullptr;
}

// True: the first in line has its turn.
task<bool> cohort_state::lead() {
    using namespace boost::asio::experimental::awaitable_operators;
    const auto hasty = first_of_one_try();
    auto asked =
        hasty ? locks_.try_acquire(name_, ttl_) : locks_.acquire(name_, ttl_, latest_deadline());
    auto first = co_await (std::move(asked) || until_deserted());
    if (first.index() == 1) co_return false;
    auto got = std::get<0>(std::move(first));
    if (!got) {
        // Those whose time is over have left, or are about to; others may still have patience.
        if (!hasty && got.error() == errc::timed_out && latest_deadline() > core_->rt.now())
            co_return false;
        fail_front(got.error());
        co_return false;
    }
    held_ = locks_.keep(std::move(*got));
    budget_begun_ = false;
    std::unique_lock locked(guard_);
    lost_ = held_.lost();
    last_used_ = fencing_token(held_.fence().value() - 1);
    last_reserved_ = held_.fence();
    batch_over_ = false;
    co_return pass_on(locked);
}

// The lock is ours and the budget is spent, or nobody waits any more.
task<bool> cohort_state::renew_batch() {
    bool wanted = false;
    {
        const std::lock_guard locked(guard_);
        wanted = !line_.empty() && !lost_.stop_requested();
    }
    const auto margin = nanoseconds(options_.span) + nanoseconds(ttl_.span()) / 8;
    wanted = wanted && held_.valid(core_->rt.now() + margin);
    if (!wanted) {
        co_await give_back();
        co_return false;
    }
    // One batch is due to the line even if others wait, and they are told; then it is their turn.
    const bool spent = std::exchange(budget_begun_, true);
    const auto expected = spent ? std::nullopt : std::optional<milliseconds>(options_.span);
    const auto offer = held_.offer();
    auto call = call_reserve(*core_, name_, offer.owner(), options_.passes, last_used_, expected);
    const auto range = co_await std::move(call);
    if (!range || !range->first || (range->others_wait && spent)) {
        co_await give_back();
        co_return false;
    }
    std::unique_lock locked(guard_);
    last_used_ = fencing_token(range->first->value() - 1);
    last_reserved_ = fencing_token(last_used_.value() + options_.passes);
    batch_over_ = false;
    core_->keep_running(watch_span(shared_from_this(), ++batch_));
    co_return pass_on(locked);
}

task<void> cohort_state::watch_span(std::shared_ptr<cohort_state> self, std::uint64_t batch) {
    co_await self->core_->rt.sleep_until(self->core_->rt.now() + self->options_.span);
    const std::lock_guard locked(self->guard_);
    if (batch == self->batch_) self->batch_over_ = true;
}

task<void> cohort_state::give_back() {
    auto last = std::exchange(held_, scoped_lease());
    (void)co_await last.release();
}

}  // namespace holdfast
