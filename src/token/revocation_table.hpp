// What one node knows of ended and renewed sessions: the state behind local answers.
#pragma once

#include "holdfast/claims.hpp"
#include "token/session_store.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast {

/// What the table says about a token.
enum class local_verdict {
    accept,
    revoked,
    reused,
    ask,  ///< live as far as is known here, but the store has to hear or tell something
};

/// Sessions that were never renewed nor ended have no entry: their first token is good. Everything
/// else has one until the session's last token has died.
class revocation_table {
public:
    struct session_entry {
        std::uint64_t generation = 0;
        std::int64_t minted_ms = 0;
        std::int64_t confirmed_ms = 0;  ///< 0: the newest token has not been used
        bool revoked = false;
        std::int64_t drop_ms = 0;
    };
    struct user_entry {
        std::uint64_t epoch = 0;
        std::int64_t drop_ms = 0;
    };

    /// "s guard user sid generation minted confirmed revoked drop" or "u guard user epoch drop", as
    /// events.lua writes them. What has ended stays ended. False, and nothing changed, for any
    /// other text.
    bool apply(std::string_view text);
    /// Known here at once, before the feed brings it back.
    void note_revoked(const session_ref& session, std::int64_t drop_ms);
    void note_epoch(const user_ref& user, std::uint64_t epoch, std::int64_t drop_ms);

    /// `born_ms`: when the store's data set began. Sessions from before are known only as far as
    /// the feed mentions them.
    local_verdict judge(const token_view& token, const token_policy& policy, std::int64_t now_ms,
                        std::int64_t born_ms) const;

    /// The user's epoch as far as it is known here; 0 when no token of an older one can be alive.
    user_entry known_of(const user_ref& user, std::int64_t now_ms) const;

    /// What is over there is over here.
    void add_ended(const revocation_table& other);
    /// Whether this table says of the entry of "guard user sid", or "guard user", what is over.
    bool covers(const std::string& session, const session_entry& entry) const;
    bool covers(const std::string& user, const user_entry& entry) const;

    /// Costs nothing while nothing is over.
    void forget_before(std::int64_t now_ms);
    std::size_t size() const noexcept { return sessions_.size() + users_.size(); }

    /// By "guard user sid" and "guard user".
    const auto& sessions() const noexcept { return sessions_; }
    const auto& users() const noexcept { return users_; }

private:
    std::unordered_map<std::string, session_entry> sessions_;
    std::unordered_map<std::string, user_entry> users_;
    std::int64_t soonest_ms_ = std::numeric_limits<std::int64_t>::max();  ///< nothing drops before
};

}  // namespace holdfast
