// Shares of the ttl.
#include "cli/run_plan.hpp"

#include <algorithm>

namespace holdfast::cli {

run_plan::run_plan(lease_ttl ttl)
    : kill_margin(std::min(ttl.span() / 10, milliseconds{1000})),
      grace(std::min(ttl.span() / 6, milliseconds{5000})) {}

}  // namespace holdfast::cli
