// How Spring steps over clock changes, where that differs from plain arithmetic.
#pragma once

#include "holdfast/cron.hpp"
#include "schedule/cron/zone_table.hpp"

#include <cstdint>

namespace holdfast::cron {

/// The first fire time after `t` as Spring's CronExpression finds it: field by field on a zoned
/// date-time, where a full hour is added to leave an hour, so that changes by less than an hour
/// lose or find other times than arithmetic does. `never` when its stepping finds none or runs
/// backwards (it can, with half-hour changes); the caller then falls back to plain rules.
std::int64_t next_by_spring(const cron_fields& f, const zone_table& table, std::int64_t t) noexcept;

}  // namespace holdfast::cron
