// Which days of one month an expression allows, as a bit mask.
#pragma once

#include "holdfast/cron.hpp"

#include <cstdint>

namespace holdfast::cron {

/// Bit n: the n-th of that month is allowed. `first_weekday` is that of the 1st, 0 for Sunday.
/// `spring` keeps an upstream oddity: `nW` skips a month whose last day is an n-th and a Sunday.
std::uint32_t month_days(const cron_fields& f, unsigned length, unsigned first_weekday,
                         bool spring) noexcept;

}  // namespace holdfast::cron
