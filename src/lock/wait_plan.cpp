// The waiter's clock.
#include "lock/wait_plan.hpp"

#include <algorithm>

namespace holdfast {
namespace {

constexpr nanoseconds longest_heartbeat = seconds{10};
constexpr nanoseconds shortest_heartbeat = milliseconds{20};
constexpr nanoseconds longest_poll = seconds{1};

nanoseconds doubling(nanoseconds first, unsigned times, nanoseconds most) {
    return std::min(first * (std::int64_t{1} << std::min(times, 20U)), most);
}

}  // namespace

nanoseconds until_next_question(const wait_view& view, lease_ttl lease) noexcept {
    if (view.holder_ttl == -2) return nanoseconds{0};
    auto wait = std::clamp(nanoseconds(lease.span()) / 3, shortest_heartbeat, longest_heartbeat);
    if (view.position > 0) return wait;
    // One millisecond more: the store answers in whole milliseconds, rounded.
    if (view.holder_ttl >= 0) wait = std::min(wait, nanoseconds(milliseconds{view.holder_ttl + 1}));
    if (view.foreign)
        wait = std::min(wait, doubling(milliseconds{10}, view.foreign_polls, longest_poll));
    return wait;
}

std::optional<milliseconds> estimated_wait(const wait_view& view) noexcept {
    if (view.mean_hold < 0 || view.position < 0) return std::nullopt;
    const auto mean = microseconds{view.mean_hold};
    const auto rest = std::max<microseconds>(
        mean - milliseconds{std::max<std::int64_t>(view.held_for, 0)}, microseconds{0});
    return std::chrono::ceil<milliseconds>(mean * view.position + rest);
}

nanoseconds retry_delay(unsigned failures) noexcept {
    return doubling(milliseconds{10}, failures == 0 ? 0 : failures - 1, longest_poll);
}

}  // namespace holdfast
