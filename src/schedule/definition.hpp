// A job's definition as text: what instances compare, and what `holdfast job show` prints.
#pragma once

#include "holdfast/schedule.hpp"

#include <string>
#include <string_view>

namespace holdfast::schedule {

/// What decides the fire times: expression, zone (with its data's version) and dialect.
std::string schedule_text(const job_spec&);
/// Everything, one `name: value` a line. Secrets of an HTTP job (header values, body) and the
/// environment of a command are hashed, not written.
std::string definition_text(const job_spec&);
/// The value of one line; empty when there is none.
std::string_view definition_value(std::string_view definition, std::string_view name);

std::string_view name_of(overlap_policy) noexcept;
std::string_view name_of(crash_policy) noexcept;

/// "2026-11-22T02:30:00Z", with milliseconds when there are any.
std::string utc_text(wall_time);

/// What `H` in a job's schedule stands for: FNV-1a of its name, as `holdfast cron --job` does.
std::uint64_t hash_seed(std::string_view job) noexcept;

/// FNV-1a, finished with a mixer: the same on every machine. Not for secrets.
std::uint64_t stable_hash(std::string_view text) noexcept;

}  // namespace holdfast::schedule
