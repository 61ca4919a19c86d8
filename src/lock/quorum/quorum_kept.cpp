// Carries out what keep_alive_step decides, on all nodes.
#include "lock/quorum/quorum_kept.hpp"

#include "runtime/deadline.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace holdfast {

quorum_kept::quorum_kept(std::shared_ptr<quorum_state> state, lease what)
    : state_(std::move(state)),
      what_(std::move(what)),
      plan_(what_, nanoseconds{0}),
      wake_(state_->rt.executor()),
      valid_until_(what_.valid_until().time_since_epoch().count()) {}

void quorum_kept::start() {
    auto ended = [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    };
    boost::asio::co_spawn(state_->rt.executor(), keep(shared_from_this()), ended);
}

task<void> quorum_kept::keep(std::shared_ptr<quorum_kept> self) {
    using kind = keep_alive_action::kind;
    auto& rt = self->state_->rt;
    any_keep_alive_event event = keep_alive_event::tick{};
    while (!self->over()) {
        const auto action = keep_alive_step(self->plan_, event, rt.now());
        event = keep_alive_event::tick{};
        if (action.what == kind::lost) self->end(action.reason);
        if (action.what == kind::sleep)
            co_await before_deadline(rt, action.until, self->wake_.wait());
        if (action.what == kind::extend) {
            auto extension = self->extend();
            const auto said = co_await before_deadline(rt, action.until, std::move(extension));
            if (said)
                event = *said;
            else
                event = keep_alive_event::unanswered{};
        }
    }
}

task<any_keep_alive_event> quorum_kept::extend() {
    const auto asked_at = state_->rt.now();
    const auto current =
        what_.extended(plan_.valid_until + drift_margin(what_.ttl().span()) - what_.ttl().span());
    const auto longer = co_await state_->extend_everywhere(current, nullptr);
    if (!longer && longer.error() == errc::lease_lost)
        co_return keep_alive_event::refused{lost_reason::taken_over};
    if (!longer) co_return keep_alive_event::unanswered{};
    valid_until_.store(longer->valid_until().time_since_epoch().count(), std::memory_order_release);
    co_return keep_alive_event::extended{asked_at};
}

void quorum_kept::end(lost_reason why) {
    if (over()) return;
    reason_.store(why, std::memory_order_release);
    if (why != lost_reason::released) state_->record(event_kind::lease_lost, what_, name_of(why));
    const auto self = shared_from_this();  // a callback may drop the handle
    wake_.notify_all();
    stop_.request_stop();
}

void quorum_kept::let_go() {
    if (over()) return;
    end(lost_reason::released);
    state_->release_later(what_, node_answers(state_->size()));
}

task<result<bool>> quorum_kept::release() {
    const auto self = shared_from_this();
    if (over()) co_return false;
    end(lost_reason::released);
    co_return co_await state_->release_everywhere(what_);
}

quorum_hold& quorum_hold::operator=(quorum_hold&& other) noexcept {
    if (this == &other) return *this;
    if (held_) held_->let_go();
    held_ = std::move(other.held_);
    return *this;
}

quorum_hold::~quorum_hold() {
    if (held_) held_->let_go();
}

fencing_token quorum_hold::fence() const noexcept {
    return held_ ? held_->what().fence() : fencing_token();
}

bool quorum_hold::valid(steady_time now) const noexcept { return held_ && held_->valid(now); }

std::stop_token quorum_hold::lost() const noexcept {
    return held_ ? held_->lost() : std::stop_token();
}

lost_reason quorum_hold::reason() const noexcept {
    return held_ ? held_->reason() : lost_reason::released;
}

task<result<bool>> quorum_hold::release() {
    if (!held_) {
        auto nothing = []() -> task<result<bool>> { co_return false; };
        return nothing();
    }
    return held_->release();
}

}  // namespace holdfast
