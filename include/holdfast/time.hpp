// Two kinds of time that cannot be mixed up, and that nobody but a runtime can read.
#pragma once

#include <chrono>
#include <cstdint>

namespace holdfast {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Spans: leases, timeouts, back-off. Never steps; counts the time a machine was suspended
/// (CLOCK_BOOTTIME). The tag has no now(): only `runtime::now()` gives one.
struct steady_clock_tag {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = nanoseconds;
    using time_point = std::chrono::time_point<steady_clock_tag>;
    static constexpr bool is_steady = true;
};
using steady_time = steady_clock_tag::time_point;

/// Calendars: cron, `exp`, `iat`. Microseconds since 1970-01-01T00:00:00Z, leap seconds not
/// counted. May step either way. Only `runtime::wall_now()` gives one.
struct wall_clock_tag {
    using rep = std::int64_t;
    using period = std::micro;
    using duration = microseconds;
    using time_point = std::chrono::time_point<wall_clock_tag>;
    static constexpr bool is_steady = false;
};
using wall_time = wall_clock_tag::time_point;

constexpr std::int64_t to_unix_seconds(wall_time t) noexcept {
    return std::chrono::floor<seconds>(t.time_since_epoch()).count();
}
constexpr std::int64_t to_unix_ms(wall_time t) noexcept {
    return std::chrono::floor<milliseconds>(t.time_since_epoch()).count();
}
constexpr wall_time from_unix_seconds(std::int64_t s) noexcept { return wall_time{seconds{s}}; }
constexpr wall_time from_unix_ms(std::int64_t ms) noexcept { return wall_time{milliseconds{ms}}; }

}  // namespace holdfast
