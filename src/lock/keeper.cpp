// Carries out what keep_alive_step decides, for one scoped lease; the rota says when.
#include "lock/held_lease.hpp"

#include "base/mutant.hpp"
#include "lock/acquire.hpp"
#include "lock/calls.hpp"
#include "lock/lock_kind.hpp"

namespace holdfast {

held_lease::held_lease(std::shared_ptr<lock_core> core, lease what, keep_options options)
    : core_(std::move(core)),
      what_(std::move(what)),
      options_(std::move(options)),
      state_(what_, options_.stop_margin),
      valid_until_(what_.valid_until().time_since_epoch().count()) {}

void held_lease::start() {
    core_->held[what_.owner()] = weak_from_this();
    core_->rota.join(shared_from_this());
    const auto who = core_->asked_before_kept(what_.owner());
    if (who && !mutant("asked-before-it-is-kept")) on_revoke_requested(*who);
}

void held_lease::wake(steady_time at) {
    if (at == wakes_at_ || wakes_at_ == steady_time{}) step(keep_alive_event::tick{});
}

void held_lease::step(const any_keep_alive_event& event) {
    if (over()) return;
    const auto action = keep_alive_step(state_, event, core_->rt.now());
    const bool extends = action.what == keep_alive_action::kind::extend;
    if (action.what == keep_alive_action::kind::lost) return end(action.reason);
    // While an extension is on its way the next thing that can happen by itself is the loss.
    wakes_at_ = action.until;
    core_->rota.wake_at(wakes_at_, shared_from_this());
    extending_ = extends;
    if (extends) core_->rota.extend(wakes_at_, shared_from_this());
}

bool held_lease::extend_now() {
    if (over()) return false;
    core_->watch_clock(what_.name());
    core_->keep_running(extension(shared_from_this()));
    return true;
}

task<void> held_lease::extension(std::shared_ptr<held_lease> self) {
    const auto asked_at = self->core_->rt.now();
    const auto answer = co_await call_extend(*self->core_, self->what_);
    self->core_->rota.answered();
    const auto event = self->read(answer, asked_at);
    self->step(event);
}

any_keep_alive_event held_lease::read(const result<extend_answer>& answer, steady_time asked_at) {
    using namespace keep_alive_event;
    if (!answer) return unanswered{};
    if (*answer == extend_answer::taken_over) return refused{lost_reason::taken_over};
    if (*answer == extend_answer::erased) return refused{lost_reason::erased};
    const auto end_at = what_.extended(asked_at).valid_until();
    const auto left = valid_until() - core_->rt.now();
    const bool in_time = left > nanoseconds{0} || mutant("lease-comes-back-to-life");
    if (!over() && in_time) {
        valid_until_.store(end_at.time_since_epoch().count(), std::memory_order_release);
        const auto left_us = std::to_string(std::chrono::floor<microseconds>(left).count());
        core_->record(event_kind::lease_extended, what_, left_us);
        if (options_.on_extended) options_.on_extended(end_at);
    }
    return extended{asked_at};
}

void held_lease::revalidate() {
    if (over() || extending_) return;
    state_.extend_at = core_->rt.now();
    step(keep_alive_event::tick{});
}

void held_lease::on_broken() { step(keep_alive_event::broken{}); }

void held_lease::on_transferred() { step(keep_alive_event::refused{lost_reason::transferred}); }

void held_lease::on_revoke_requested(std::string_view who) {
    if (over() || revoke_.stop_requested()) return;
    const auto self = shared_from_this();  // a callback may drop the handle
    core_->record(event_kind::revoke_requested, what_, who);
    revoke_.request_stop();
}

void held_lease::end(lost_reason why) {
    if (over()) return;
    if (why == lost_reason::expired_locally && mutant("loss-not-told")) return;
    reason_.store(why, std::memory_order_release);
    core_->held.erase(what_.owner());
    core_->orders.left(what_);
    if (why != lost_reason::released) core_->record(event_kind::lease_lost, what_, name_of(why));
    const auto self = shared_from_this();  // a callback may drop the handle
    core_->rota.leave();
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
    if (std::exchange(given_back_, true)) co_return answer_;
    if (!worth_releasing()) co_return answer_ = false;
    end(lost_reason::released);
    answer_ = co_await release_now(core_, current());
    co_return answer_;
}

}  // namespace holdfast
