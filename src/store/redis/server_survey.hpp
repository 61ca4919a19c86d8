// Everything a Redis tells of itself that bears on whether it is fit for use: `holdfast doctor`.
#pragma once

#include "store/redis/greeting.hpp"

#include <map>
#include <string>

namespace holdfast {

struct server_survey {
    /// Nothing else is known then: not reached, too old, a permission is missing …
    std::optional<link_problem> problem;
    server_facts facts;
    std::map<std::string, std::string> info;    ///< what INFO says, by field
    std::map<std::string, std::string> config;  ///< some of CONFIG GET; empty: not allowed
    bool push_came = false;                     ///< a message to ourselves came back
    nanoseconds round_trip{};
    microseconds clock_ahead{};  ///< the server's clock less ours, ± half the round trip
};

/// Asks on a connection of its own and leaves nothing behind. The references outlive the call.
/// Cancellation (any type): throws operation_aborted.
task<server_survey> survey_server(runtime& rt, const redis_options& options);

}  // namespace holdfast
