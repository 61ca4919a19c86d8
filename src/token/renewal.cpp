// The renewal flow: single flight, lease before the user table, one script that decides, signature.
#include "token/renewal.hpp"

#include "holdfast/ids.hpp"

#include <algorithm>

namespace holdfast {
namespace {

/// How long a request waits for a renewal that somebody else is doing, before it goes on without.
constexpr milliseconds patience_with_leader{500};
constexpr milliseconds winner_check_interval{25};
constexpr int winner_checks = 8;

std::string attempt_id(runtime& rt) { return owner_id::random(rt).str(); }

}  // namespace

result<issued_token> sign_identity(const guard_settings& guard, const session_ref& session,
                                   const token_identity& id, wall_time now) {
    token_claims claims;
    claims.guard = session.owner.guard.str();
    claims.subject = session.owner.user.str();
    claims.sid = session.sid.str();
    claims.generation = id.generation;
    claims.user_epoch = id.user_epoch;
    claims.jti = session.sid.str() + '.' + std::to_string(id.generation);
    if (!guard.tokens.audience.empty()) claims.audience = {guard.tokens.audience};
    claims.issued_at = from_unix_seconds(id.issued_s);
    claims.expires_at = from_unix_seconds(id.expires_s);
    claims.auth_time = from_unix_seconds(id.auth_s);
    claims.extra = id.extra;
    auto token =
        id.kid.empty() ? sign_token(claims, *guard.keys) : sign_token(claims, *guard.keys, id.kid);
    if (!token) return token.error();
    const seconds left{id.expires_s - to_unix_seconds(now)};
    return issued_token{std::move(*token), std::max(left, seconds{0})};
}

task<renewal_outcome> renewer::renew(guard_ptr guard, std::shared_ptr<const guard_set> guards,
                                     presented_token token) {
    const auto name = token.session.str() + ' ' + std::to_string(token.claims.generation);
    if (const auto found = flights_->find(name); found != flights_->end()) {
        const auto joined = found->second;
        auto& rt = sessions_.local();
        co_await joined->landed.wait_until(rt, rt.now() + patience_with_leader);
        co_return joined->outcome.value_or(renewal_outcome{});
    }
    const auto mine = std::make_shared<flight>(sessions_.local().executor());
    flights_->emplace(name, mine);
    // However the lead ends, by value or by cancellation, followers are woken and the flight is
    // over.
    struct landing {
        std::shared_ptr<flights> all;
        const std::string& name;
        flight& mine;
        ~landing() {
            all->erase(name);
            mine.landed.notify_all();
        }
    } const at_end{flights_, name, *mine};
    mine->outcome = co_await lead(std::move(guard), std::move(guards), std::move(token));
    co_return *mine->outcome;
}

task<renewal_outcome> renewer::lead(guard_ptr guard, std::shared_ptr<const guard_set> guards,
                                    presented_token token) {
    const auto attempt = attempt_id(sessions_.local());
    const auto mine = co_await sessions_.lease_lookup(token, attempt);
    if (!mine) co_return renewal_outcome{};
    if (!*mine) co_return co_await wait_for_winner(std::move(guard), std::move(token));
    // A lease as any other, but that it is left to its end: counted with the locks.
    const auto lock = "renewal/" + token.session.sid.str();
    events_.record({event_kind::lease_acquired, lock, attempt});
    auto outcome = co_await renew_alone(std::move(guard), std::move(guards), std::move(token));
    events_.record({event_kind::lease_released, lock, attempt});
    co_return outcome;
}

task<renewal_outcome> renewer::renew_alone(guard_ptr guard, std::shared_ptr<const guard_set> guards,
                                           presented_token token) {
    const auto user =
        co_await guards->desk().find(sessions_.local(), guard->users, token.session.owner.user);
    const bool gone = user ? user->disabled : user.error() == errc::not_found;
    if (gone) co_return co_await end_session(std::move(guard), std::move(token));
    if (!user) co_return renewal_outcome{};  // trouble with the table says nothing about the user
    co_return co_await mint(std::move(guard), std::move(token));
}

/// Another node asks the user table; its successor is ours too as soon as it exists.
task<renewal_outcome> renewer::wait_for_winner(guard_ptr guard, presented_token token) {
    auto& rt = sessions_.local();
    for (int i = 0; i < winner_checks; ++i) {
        co_await rt.sleep_until(rt.now() + winner_check_interval);
        const auto verdict = co_await sessions_.check(guard, token);
        if (!verdict) co_return renewal_outcome{};
        if (verdict->newest) co_return hand_out(*guard, token.session, *verdict->newest);
        if (verdict->state != session_state::current)
            co_return renewal_outcome{renewal_outcome::ending::ended};
    }
    co_return renewal_outcome{};
}

task<renewal_outcome> renewer::mint(guard_ptr guard, presented_token token) {
    const auto answer = co_await sessions_.renew(guard, token);
    if (!answer) co_return renewal_outcome{};
    switch (answer->state) {
        case renewal_state::minted:
            events_.record({event_kind::token_renewed, token.session.sid.str(),
                            token.session.owner.user.str(), answer->successor->generation});
            [[fallthrough]];
        case renewal_state::same: co_return hand_out(*guard, token.session, *answer->successor);
        case renewal_state::young:
        case renewal_state::over: co_return renewal_outcome{};
        case renewal_state::revoked:
        case renewal_state::reused:
        case renewal_state::missing: break;
    }
    co_return renewal_outcome{renewal_outcome::ending::ended};
}

task<renewal_outcome> renewer::end_session(guard_ptr guard, presented_token token) {
    const auto revoked = co_await sessions_.revoke(guard, token.session);
    if (!revoked) co_return renewal_outcome{};  // the next request finds the user gone again
    events_.record({event_kind::session_revoked, token.session.sid.str(),
                    token.session.owner.user.str(), 0, "user_gone"});
    co_return renewal_outcome{renewal_outcome::ending::ended};
}

renewal_outcome renewer::hand_out(const guard_settings& guard, const session_ref& session,
                                  const token_identity& id) {
    const auto now = sessions_.clock().now(sessions_.local().now());
    auto token = sign_identity(guard, session, id, now);
    if (!token) return {};  // signed by a key this node does not have yet
    return {renewal_outcome::ending::renewed, std::move(*token)};
}

}  // namespace holdfast
