// The misfire policy: which of the fire times that went by are run now.
#include "holdfast/misfire.hpp"

#include <algorithm>

namespace holdfast {
namespace {

constexpr std::size_t largest_plan = 1000;

struct due_times {
    std::vector<wall_time> newest;  // up to the number asked for, oldest first
    std::uint64_t older = 0;        // before those
    bool counted_all = true;
};

// The newest `wanted` fire times in (after, now], and how many there were before them.
due_times look_back(wall_time after, wall_time now, const cron_expression& expression,
                    const time_zone& zone, std::size_t wanted) {
    due_times due;
    const auto end = now + microseconds{1};
    for (auto at = after; due.newest.size() < misfire_count_limit;) {
        const auto next = expression.next_after(at, zone);
        if (!next || *next >= end) {
            const auto extra = due.newest.size() - std::min(due.newest.size(), wanted);
            due.newest.erase(due.newest.begin(),
                             due.newest.begin() + static_cast<std::ptrdiff_t>(extra));
            due.older = extra;
            return due;
        }
        due.newest.push_back(at = *next);
    }
    // Too many to visit: the newest are found from the near end.
    due = {.newest = {}, .older = misfire_count_limit, .counted_all = false};
    for (auto at = end; due.newest.size() < wanted;) {
        const auto last = expression.last_before(at, zone, after + microseconds{1});
        if (!last) break;
        due.newest.push_back(at = *last);
    }
    std::reverse(due.newest.begin(), due.newest.end());
    due.older -= std::min<std::uint64_t>(due.older, due.newest.size());
    return due;
}

}  // namespace

misfire_plan plan_misfires(wall_time last_fired, wall_time now, const cron_expression& expression,
                           const time_zone& zone, const misfire_policy& policy) {
    misfire_plan plan;
    plan.next = expression.next_after(now, zone);
    if (now <= last_fired) return plan;
    const auto cap = std::clamp<std::size_t>(policy.max_runs, 1, largest_plan);
    auto due = look_back(last_fired, now, expression, zone, cap);
    plan.counted_all = due.counted_all;
    if (due.newest.empty()) return plan;
    plan.newest_due = due.newest.back();

    const auto too_old = [&](wall_time at) {
        return policy.start_deadline && now - at > *policy.start_deadline;
    };
    const auto late = [&](wall_time at) { return now - at > policy.threshold; };
    using kind = misfire_policy::kind;
    std::uint64_t passed_over = due.older;
    for (const auto at : due.newest) {
        const bool runs = !too_old(at) && (policy.what == kind::fire_all || !late(at));
        if (runs)
            plan.run_now.push_back(at);
        else
            ++passed_over;
    }
    if (policy.what != kind::fire_once) {
        plan.missed = passed_over;
        return plan;
    }
    // One run stands for all that were late: the first that is run anyway, or the newest.
    if (plan.run_now.empty() && !too_old(due.newest.back())) {
        plan.run_now.push_back(due.newest.back());
        --passed_over;
    }
    (plan.run_now.empty() ? plan.missed : plan.coalesced) = passed_over;
    return plan;
}

}  // namespace holdfast
