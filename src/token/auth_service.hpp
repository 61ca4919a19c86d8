// Authentication for one runtime: login, the check of every request, silent renewal, logout.
#pragma once

#include "base/secret.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/runtime.hpp"
#include "holdfast/store.hpp"
#include "token/names.hpp"
#include "token/users/user_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

class guard_set;

/// A signed token as a client receives it.
struct issued_token {
    std::string access_token;
    seconds expires_in;
};

/// What login and registration answer.
struct login_outcome {
    result<issued_token> token;
    /// With errc::rate_limited: when the next attempt is worth making. Otherwise zero.
    seconds retry_after{0};
};

/// Account and password as presented. The password is wiped with this object.
struct login_request {
    login_request(account_name who, secret_text what, std::optional<client_address> from)
        : account(std::move(who)), password(std::move(what)), address(std::move(from)) {}
    account_name account;
    secret_text password;
    std::optional<client_address> address;
};

struct registration {
    registration(account_name who, secret_text what, std::string display_name,
                 std::optional<client_address> from)
        : account(std::move(who)),
          password(std::move(what)),
          name(std::move(display_name)),
          address(std::move(from)) {}
    account_name account;
    secret_text password;
    std::string name;  ///< may be empty; at most 256 bytes
    std::optional<client_address> address;
};

/// A request that may pass.
struct accepted {
    guard_name guard;
    user_id user;
    session_id session;
    std::uint64_t generation;  ///< of the token that was presented
    wall_time expires_at;      ///< of the token that was presented
    /// How far this answer may lie behind an acknowledged revocation; zero for a strict check.
    milliseconds freshness;
    /// The successor, when this request renewed or found one. The client must be told.
    std::optional<issued_token> renewed;
};

/// What RFC 7662 tells about a live token.
struct introspection {
    accepted who;
    wall_time issued_at;
    wall_time authenticated_at;
};

/// How far a logout has reached when it returns.
enum class logout_reach {
    store,  ///< acknowledged by the store: strict checks refuse it, replicas within max_staleness
    fleet,  ///< also applied by every live node, or that node has stopped answering from its
            ///< replica
};

/// One object per runtime; all objects of a fleet share one store. Users and guards are shared by
/// the threads of a process.
///
/// Failures of every member, by condition: `denied` is the only one that means "log in again" (401;
/// rate_limited 429, forbidden 403, already_exists 409); `retry` and `unknown` mean trouble in the
/// store or the user table (503): the caller may not treat them as a refusal and may not clear
/// anything. Renewal trouble is never a failure of authenticate(): the answer merely lacks
/// `renewed`.
///
/// Thread rule: the runtime's thread. Cancellation (any type) of a member throws operation_aborted;
/// what the store was asked to do may still happen, and repeating the call is safe.
/// Lifetime: outlives every call in flight; stop() first.
class auth_service {
public:
    struct options;

    auth_service(runtime& rt, store& shared, journal& events,
                 std::shared_ptr<const guard_set> guards, options opts);
    ~auth_service();

    /// Judges a token as presented, without its scheme ("Bearer "). Renews it when it is due.
    ///
    /// errc::token_missing (empty text), token_malformed, token_signature, token_expired,
    /// token_not_yet_valid, token_claims, token_wrong_guard, token_revoked (logged out, replaced,
    /// or a generation whose grace has ended), not_found (no such guard). Conclude from success
    /// only what `freshness` says; from a failure other than `denied` nothing.
    task<result<accepted>> authenticate(guard_name guard, std::string token);

    /// authenticate() without waiting: the same answer when this node can give it by itself, which
    /// is so for most requests while its copy of the revocations is fresh. Nothing: the store has
    /// to be asked, call authenticate().
    std::optional<result<accepted>> authenticate_here(const guard_name& guard,
                                                      std::string_view token);

    /// errc::bad_credentials (also for an unknown account, in the same time), account_disabled
    /// (only with the right password), rate_limited, overloaded, not_found (no such guard).
    task<login_outcome> login(guard_name guard, login_request request);

    /// errc::already_exists, invalid_argument (password or name outside the rules of
    /// password_rule()), forbidden (registration is closed), overloaded, not_found (no such guard).
    task<login_outcome> register_user(guard_name guard, registration request);

    /// A session for a user who has proved who they are elsewhere: `holdfast token issue`.
    /// errc::not_found: no such guard or user; account_disabled.
    task<result<issued_token>> issue(guard_name guard, user_id user);

    /// The guard's own table decides who the id is (the article's GetUserInfo).
    /// errc::not_found: no such guard or user.
    task<result<user_record>> user_info(guard_name guard, user_id user);

    /// Ends the session: every generation of it is refused from the acknowledgement on, grace or
    /// not, whatever renewals are under way. Idempotent.
    task<result<void>> logout(accepted who, logout_reach reach);

    /// Ends every session of the user that was created before the acknowledgement.
    task<result<void>> logout_all(guard_name guard, user_id user, logout_reach reach);

    /// RFC 7662: nothing for any token that is dead, malformed or of an unknown guard. Never
    /// renews.
    task<result<std::optional<introspection>>> introspect(std::string token);

    /// RFC 7009: ends the session of a genuine token, expired or not; success for any other text.
    task<result<void>> revoke(std::string token);

    /// Swaps guards, keys and policies (SIGHUP). Calls in flight finish under the old ones.
    void reload(std::shared_ptr<const guard_set> guards);

    /// Follows the revocation stream until stop(). Spawn it once, or run strict checks only.
    task<void> follow_revocations();

    /// Ends follow_revocations(). Idempotent.
    void stop();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

/// How checks of a request learn about revocations.
enum class revocation_mode {
    strict,   ///< one script a request: exact, and 503 when the store is away
    replica,  ///< the local copy while it is provably fresh, the strict check otherwise
};

struct auth_service::options {
    revocation_mode revocation = revocation_mode::strict;
    milliseconds max_staleness{1000};
    /// Wrong credentials are told at a whole multiple of this after the attempt began: hashes of
    /// other methods and costs take other times than an account that is not there.
    milliseconds failures_take{500};
};

}  // namespace holdfast
