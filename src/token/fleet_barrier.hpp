// Waits until no node of the fleet can still accept what has been revoked.
#pragma once

#include "token/session_store.hpp"

#include <string_view>

namespace holdfast {

/// What a node last said in its probe: "seq born ms staleness".
struct node_report {
    std::int64_t applied = 0;
    std::string_view born;
    std::int64_t at_ms = 0;
    std::int64_t staleness_ms = 0;  ///< 0: it answers nothing from its replica
};
std::optional<node_report> parse_node_report(std::string_view text);

/// Whether this node cannot answer from a state older than the position any more.
bool has_passed(const node_report& node, const feed_position& position, std::int64_t now_ms);

/// Returns when every node has applied the position or can no longer answer from its replica, at
/// the latest about max_staleness after the revocation. errc::timed_out if that takes longer than
/// ten seconds (a node is configured to be very stale); the revocation stands all the same.
/// Otherwise the store's failures.
task<result<void>> wait_until_applied(session_store& sessions, feed_position position);

}  // namespace holdfast
