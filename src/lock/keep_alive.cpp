// Decides; keeper.cpp carries out.
#include "lock/keep_alive.hpp"

#include "lock/wait_plan.hpp"

#include <algorithm>

namespace holdfast {
namespace {

using kind = keep_alive_action::kind;

nanoseconds third(lease_ttl ttl) { return nanoseconds(ttl.span()) / 3; }

keep_alive_action lost(lost_reason why) { return {kind::lost, {}, why}; }

}  // namespace

keep_alive::keep_alive(const lease& held, nanoseconds margin)
    : ttl(held.ttl()),
      stop_margin(std::max(margin, nanoseconds{0})),
      valid_until(held.valid_until()) {
    extend_at = valid_until + drift_margin(ttl.span()) - ttl.span() + third(ttl);
}

keep_alive_action keep_alive_step(keep_alive& state, const any_keep_alive_event& event,
                                  steady_time now) {
    using namespace keep_alive_event;
    if (std::holds_alternative<broken>(event)) return lost(lost_reason::broken);
    if (const auto* no = std::get_if<refused>(&event)) return lost(no->why);
    if (const auto* yes = std::get_if<extended>(&event)) {
        state.valid_until = yes->asked_at + state.ttl.span() - drift_margin(state.ttl.span());
        state.extend_at = yes->asked_at + third(state.ttl);
        state.failures = 0;
    }
    if (now >= state.deadline()) return lost(lost_reason::expired_locally);
    if (std::holds_alternative<unanswered>(event))
        state.extend_at = now + std::min(retry_delay(++state.failures), third(state.ttl) / 4);
    if (now >= state.extend_at) return {kind::extend, state.deadline()};
    return {kind::sleep, std::min(state.extend_at, state.deadline())};
}

}  // namespace holdfast
