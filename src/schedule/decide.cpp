// Planning, ranking and back-off.
#include "schedule/decide.hpp"

#include "schedule/definition.hpp"

#include <algorithm>
#include <string>

namespace holdfast::schedule {
namespace {

missed_batch batch_before(wall_time until, wall_time base, const misfire_plan& plan,
                          const cron_expression& expression, const time_zone& zone) {
    missed_batch batch;
    batch.count = plan.missed + plan.coalesced;
    if (batch.count == 0) return batch;
    batch.reason = plan.coalesced > 0 ? "coalesced" : "misfire";
    batch.oldest = expression.next_after(base, zone).value_or(until);
    batch.newest = expression.last_before(until, zone, base).value_or(batch.oldest);
    return batch;
}

}  // namespace

next_step plan_next(const register_view& known, wall_time now, const cron_expression& expression,
                    const time_zone& zone, const misfire_policy& policy, milliseconds shift,
                    milliseconds max_skew) {
    next_step step;
    const auto at = now - shift;
    if (known.first > known.last && known.first <= now) {
        step.what = next_step::kind::claim;
        step.fire_time = known.first;
        return step;
    }
    const bool poisoned = known.last > now + max_skew;
    const auto base = poisoned ? std::min(known.armed_at, now) : known.last;
    const auto plan = plan_misfires(base, at, expression, zone, policy);
    if (!plan.run_now.empty()) {
        step.what = next_step::kind::claim;
        step.fire_time = plan.run_now.front();
        step.missed = batch_before(step.fire_time, base, plan, expression, zone);
    } else if (plan.newest_due) {
        step.what = next_step::kind::skip;
        step.missed = batch_before(*plan.newest_due + seconds{1}, base, plan, expression, zone);
    } else {
        const auto next = expression.next_after(std::max(base, at), zone);
        if (next) step.wake_at = *next + shift;
    }
    return step;
}

milliseconds jitter_of(std::string_view job, milliseconds jitter) {
    if (jitter.count() <= 0) return milliseconds{0};
    const auto h = stable_hash("jitter " + std::string(job));
    return milliseconds{static_cast<std::int64_t>(h % static_cast<std::uint64_t>(jitter.count()))};
}

std::size_t takeover_rank(std::string_view job, std::string_view self,
                          std::span<const std::string> nodes) {
    const auto score = [&](std::string_view node) {
        return stable_hash(std::string(job) + '\n' + std::string(node));
    };
    const auto mine = score(self);
    std::size_t rank = 0;
    for (const auto& node : nodes) {
        if (node == self) continue;
        const auto theirs = score(node);
        if (theirs > mine || (theirs == mine && node < self)) ++rank;
    }
    return rank;
}

milliseconds retry_delay(const retry_policy& policy, unsigned failed_attempt) {
    auto delay = policy.first_delay;
    for (unsigned i = 1; i < failed_attempt && delay < policy.max_delay; ++i) delay *= 2;
    return std::min(delay, policy.max_delay);
}

milliseconds store_backoff(unsigned failures) {
    return std::min(milliseconds{50} * (1U << std::min(failures, 6U)), milliseconds{2000});
}

milliseconds skew_pause(milliseconds max_skew, unsigned refusals) {
    const auto longest = std::max(max_skew, milliseconds{15'000});
    return std::min(max_skew * (1U << std::min(refusals - 1, 4U)), longest);
}

steady_time believed_until(steady_time asked_at, milliseconds lease) {
    return asked_at + lease - lease / 100 - milliseconds{2};
}

}  // namespace holdfast::schedule
