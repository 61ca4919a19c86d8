// The next local time an expression allows, on a calendar without zones.
#pragma once

#include "holdfast/cron.hpp"

#include <cstdint>
#include <limits>

namespace holdfast::cron {

/// No such time.
inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// The first allowed local time at or after `from`; both count seconds as if local time were UTC.
/// Looks 400 years ahead at most, after which the calendar repeats.
std::int64_t next_local(const cron_fields& f, bool spring, std::int64_t from) noexcept;

/// Whether any date at all is allowed.
bool has_dates(const cron_fields& f, bool spring) noexcept;

/// The first allowed time of a day at or after `from`, in seconds since midnight; -1 for none.
std::int64_t next_time_of_day(const cron_fields& f, std::int64_t from) noexcept;

}  // namespace holdfast::cron
