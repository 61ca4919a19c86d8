// Instants as RFC 3339 text.
#pragma once

#include "holdfast/time.hpp"

#include <string>

namespace holdfast::http {

/// "2024-03-01T12:00:00Z": UTC, whole seconds.
std::string rfc3339(wall_time at);

}  // namespace holdfast::http
