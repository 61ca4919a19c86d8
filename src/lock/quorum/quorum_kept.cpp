// Carries out what keep_alive_step decides, on all nodes.
#include "lock/quorum/quorum_kept.hpp"

#include "runtime/deadline.hpp"

#include <utility>

namespace holdfast {

quorum_kept::quorum_kept(std::shared_ptr<quorum_state> state, lease what, keep_options options)
    : state_(std::move(state)),
      what_(std::move(what)),
      options_(std::move(options)),
      plan_(what_, options_.stop_margin),
      ended_(state_->rt.executor()),
      valid_until_(what_.valid_until().time_since_epoch().count()) {}

void quorum_kept::start() { state_->keep_running(keep(shared_from_this())); }

task<void> quorum_kept::keep(std::shared_ptr<quorum_kept> self) {
    using kind = keep_alive_action::kind;
    auto& rt = self->state_->rt;
    any_keep_alive_event event = keep_alive_event::tick{};
    while (!self->over()) {
        const auto action = keep_alive_step(self->plan_, event, rt.now());
        if (action.what != kind::lost && std::holds_alternative<keep_alive_event::extended>(event))
            self->confirmed();
        event = keep_alive_event::tick{};
        if (action.what == kind::lost) self->end(action.reason);
        if (action.what == kind::sleep) co_await self->ended_.wait_until(rt, action.until);
        if (action.what == kind::extend) {
            auto extension = self->extend();
            auto said = co_await before_deadline(rt, action.until, std::move(extension));
            event = said ? *said : keep_alive_event::unanswered{};
        }
    }
}

task<any_keep_alive_event> quorum_kept::extend() {
    const auto asked_at = state_->rt.now();
    auto refusal = lost_reason::none;
    const auto longer = co_await state_->extend_everywhere(current(), nullptr, &refusal);
    if (refusal != lost_reason::none) co_return keep_alive_event::refused{refusal};
    if (!longer) co_return keep_alive_event::unanswered{};
    co_return keep_alive_event::extended{asked_at};
}

void quorum_kept::confirmed() {
    valid_until_.store(plan_.valid_until.time_since_epoch().count(), std::memory_order_release);
    state_->record(event_kind::lease_extended, what_);
    if (options_.on_extended) options_.on_extended(plan_.valid_until);
}

lease quorum_kept::current() const {
    const auto ttl = what_.ttl().span();
    return what_.extended(valid_until() + drift_margin(ttl) - ttl);
}

void quorum_kept::end(lost_reason why) {
    if (over()) return;
    reason_.store(why, std::memory_order_release);
    if (why != lost_reason::released) state_->record(event_kind::lease_lost, what_, name_of(why));
    const auto self = shared_from_this();  // a callback may drop the handle
    ended_.notify_all();
    stop_.request_stop();
}

// Also after a loss: a minority may hold it still.
void quorum_kept::let_go() {
    if (std::exchange(given_back_, true)) return;
    end(lost_reason::released);
    state_->release_later(what_, node_answers(state_->size()));
}

// The keep-alive stops before the release goes out, so nothing extends what is being given back.
task<result<bool>> quorum_kept::release() {
    const auto self = shared_from_this();
    if (over()) let_go();
    if (std::exchange(given_back_, true)) co_return false;
    end(lost_reason::released);
    co_return co_await state_->release_everywhere(what_);
}

}  // namespace holdfast
