// How long tokens live and when they renew: a guard's numbers and the decision they lead to.
#pragma once

#include "holdfast/claims.hpp"
#include "holdfast/error.hpp"
#include "holdfast/time.hpp"

#include <cstddef>
#include <string>

namespace holdfast {

/// When the grace period of a renewed token begins.
enum class retire_rule {
    confirm,  ///< at the successor's first use: a lost answer locks nobody out
    mint,     ///< at the renewal, as in the article
};

/// What happens to a genuine token whose session the store has lost.
enum class missing_rule {
    recreate,  ///< made again once a surviving node has re-recorded every revocation
    deny,      ///< refused: its user logs in again
};

struct token_policy {
    seconds ttl{43200};          ///< `jwt_ttl`
    milliseconds grace{10000};   ///< `jwt_blacklist_grace_period`
    seconds renew_window{1800};  ///< `refresh_grace_period`: renew when less than this is left
    seconds renew_spread{0};     ///< renew up to this much earlier, by a share fixed per token
    seconds max_session{0};      ///< no token lives longer after the login; 0: no end
    retire_rule retire = retire_rule::confirm;
    missing_rule missing = missing_rule::recreate;
    std::size_t most_sessions = 0;  ///< per user, the one soonest to expire goes; 0: no limit

    /// Empty, or one sentence that says which value is impossible and what would do.
    std::string fault() const;
};

enum class renewal_choice { not_due, due };

/// Whether a valid token should be renewed now. Any call inside the window renews, as the article
/// promises; with a spread, tokens of one mass login come due at different instants before it.
renewal_choice decide_renewal(const token_claims& claims, wall_time now,
                              const token_policy& policy) noexcept;

}  // namespace holdfast
