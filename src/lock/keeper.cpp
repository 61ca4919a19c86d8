// Carries out what keep_alive_step decides, for one scoped lease.
#include "lock/held_lease.hpp"

#include "lock/acquire.hpp"
#include "lock/calls.hpp"
#include "lock/lock_kind.hpp"
#include "runtime/deadline.hpp"

namespace holdfast {

held_lease::held_lease(std::shared_ptr<lock_core> core, lease what, keep_options options)
    : core_(std::move(core)),
      what_(std::move(what)),
      options_(std::move(options)),
      state_(what_, options_.stop_margin),
      wake_(core_->rt.executor()),
      valid_until_(what_.valid_until().time_since_epoch().count()) {}

void held_lease::start() {
    core_->held[what_.owner()] = weak_from_this();
    // A coroutine function with the state as its argument: the frame keeps it alive.
    auto run = [](std::shared_ptr<held_lease> self) -> task<void> { co_await self->keep(); };
    core_->keep_running(run(shared_from_this()));
}

task<void> held_lease::keep() {
    any_keep_alive_event event = keep_alive_event::tick{};
    while (!over()) {
        const auto action = keep_alive_step(state_, event, core_->rt.now());
        switch (action.what) {
            case keep_alive_action::kind::lost: end(action.reason); break;
            case keep_alive_action::kind::sleep: event = co_await sleep(action.until); break;
            case keep_alive_action::kind::extend: event = co_await extend(action.until); break;
        }
    }
}

task<any_keep_alive_event> held_lease::sleep(steady_time until) {
    if (!broken_) co_await before_deadline(core_->rt, until, wake_.wait());
    if (broken_) co_return keep_alive_event::broken{};
    co_return keep_alive_event::tick{};
}

task<any_keep_alive_event> held_lease::extend(steady_time until) {
    const auto asked_at = core_->rt.now();
    auto call = call_extend(*core_, what_);
    const auto answer = co_await before_deadline(core_->rt, until, std::move(call));
    if (broken_) co_return keep_alive_event::broken{};
    if (!answer || !*answer) co_return keep_alive_event::unanswered{};
    if (**answer == extend_answer::taken_over)
        co_return keep_alive_event::refused{lost_reason::taken_over};
    if (**answer == extend_answer::erased) co_return keep_alive_event::refused{lost_reason::erased};
    const auto end_at = what_.extended(asked_at).valid_until();
    if (!over() && core_->rt.now() < valid_until()) {
        valid_until_.store(end_at.time_since_epoch().count(), std::memory_order_release);
        core_->record(event_kind::lease_extended, what_);
        if (options_.on_extended) options_.on_extended(end_at);
    }
    co_return keep_alive_event::extended{asked_at};
}

void held_lease::on_broken() {
    broken_ = true;
    wake_.notify_all();
}

void held_lease::end(lost_reason why) {
    if (over()) return;
    reason_.store(why, std::memory_order_release);
    core_->held.erase(what_.owner());
    if (why != lost_reason::released) core_->record(event_kind::lease_lost, what_, name_of(why));
    wake_.notify_all();
    stop_.request_stop();
}

lease held_lease::current() const {
    const auto ttl = what_.ttl().span();
    return what_.extended(valid_until() + drift_margin(ttl) - ttl);
}

// With a stop margin the lease outlives its loss by the local clock: it is worth giving back then.
bool held_lease::worth_releasing() const {
    return reason() == lost_reason::none || reason() == lost_reason::expired_locally ||
           (what_.kind() && what_.kind()->outlives_loss());
}

void held_lease::let_go() {
    if (std::exchange(given_back_, true) || !worth_releasing()) return;
    end(lost_reason::released);
    core_->release_later(current());
}

lease held_lease::forget() {
    auto last = current();
    given_back_ = true;
    end(lost_reason::released);
    return last;
}

// The keep-alive stops before the release goes out, so nothing extends what is being given back.
task<result<bool>> held_lease::release() {
    const auto self = shared_from_this();
    if (std::exchange(given_back_, true)) co_return reason() == lost_reason::released;
    if (!worth_releasing()) co_return false;
    end(lost_reason::released);
    co_return co_await release_now(core_, current());
}

}  // namespace holdfast
