// The judgement of every request: signature, claims, session, renewal.
#include "token/auth_impl.hpp"

namespace holdfast {
namespace {

constexpr std::size_t tokens_known_by_heart = 4096;  // of one guard; about 4 MB

result<session_ref> session_of(const guard_settings& guard, const token_claims& claims) {
    auto user = user_id::parse(claims.subject);
    auto sid = session_id::parse(claims.sid);
    if (!user || !sid || claims.generation == 0) return errc::token_claims;
    return session_ref(user_ref(guard.name, std::move(*user)), std::move(*sid));
}

}  // namespace

error_code auth_service::impl::refuse(errc why, const guard_name& guard, std::string_view sid) {
    events_.record({event_kind::token_refused, sid, guard.str(), 0, name_of(why)});
    return why;
}

result<presented_token> auth_service::impl::read_token(const guard_settings& guard,
                                                       std::string_view token, wall_time now,
                                                       bool at_any_time) const {
    if (token.empty()) return errc::token_missing;
    auto policy = guard.tokens;
    if (at_any_time) policy.leeway = policy.expiry_leeway = seconds{hours{24 * 366 * 100}};
    auto claims = verify_token(token, policy, *guard.keys, now);
    if (!claims) return claims.error();
    auto session = session_of(guard, *claims);
    if (!session) return session.error();
    return presented_token{std::move(*session), std::move(*claims)};
}

// A request that began before a reload may still come with the guard of before: it gets a memory of
// its own, and the next one again.
result<const token_claims*> auth_service::impl::read_again(const guard_ptr& guard,
                                                           std::string_view token, wall_time now) {
    if (token.empty()) return errc::token_missing;
    auto found = known_.find(guard->name);
    if (found == known_.end() || found->second.guard != guard) {
        guard_memory fresh{guard, verified_tokens(guard->tokens, tokens_known_by_heart)};
        found = known_.insert_or_assign(guard->name, std::move(fresh)).first;
    }
    return found->second.tokens.verify(token, guard->keys, now);
}

std::optional<result<accepted>> auth_service::impl::authenticate_here(const guard_name& name,
                                                                      std::string_view token) {
    const auto guard = guards_->find(name);
    if (guard == nullptr) return errc::not_found;
    if (!sessions_.clock().known()) return std::nullopt;
    const auto now = sessions_.clock().now(rt_.now());
    const auto claims = read_again(guard, token, now);
    if (!claims) return refuse(errc_of(claims.error()), name);
    const auto session = session_of(*guard, **claims);
    if (!session) return refuse(errc_of(session.error()), name);
    return judge_here(*guard, {*session, **claims}, now);
}

task<result<accepted>> auth_service::impl::authenticate(guard_name name, std::string token) {
    const auto guards = guards_;
    const auto guard = guards->find(name);
    if (guard == nullptr) co_return errc::not_found;
    if (!sessions_.clock().known()) {
        const auto heard = co_await sessions_.now();
        if (!heard) co_return heard.error();
    }
    const auto now = sessions_.clock().now(rt_.now());
    const auto claims = read_again(guard, token, now);
    if (!claims) co_return refuse(errc_of(claims.error()), name);
    auto session = session_of(*guard, **claims);
    if (!session) co_return refuse(errc_of(session.error()), name);
    presented_token read{std::move(*session), **claims};
    co_return co_await judge(guard, guards, std::move(read), now);
}

accepted auth_service::impl::describe(const guard_settings& guard, const token_view& token,
                                      milliseconds freshness) const {
    events_.record({event_kind::token_accepted, token.session.sid.str(),
                    token.session.owner.user.str(), token.claims.generation});
    return {guard.name,
            token.session.owner.user,
            token.session.sid,
            token.claims.generation,
            token.claims.expires_at,
            freshness,
            std::nullopt};
}

std::optional<result<accepted>> auth_service::impl::judge_here(const guard_settings& guard,
                                                               const token_view& token,
                                                               wall_time now) {
    const auto local = follower_.judge(token, guard.policy);
    if (!local) return std::nullopt;
    const auto& sid = token.session.sid.str();
    switch (local->verdict) {
        case local_verdict::reused:
            events_.record({event_kind::token_reused, sid, token.session.owner.user.str(),
                            token.claims.generation});
            return refuse(errc::token_revoked, guard.name, sid);
        case local_verdict::revoked: return refuse(errc::token_revoked, guard.name, sid);
        case local_verdict::ask: return std::nullopt;
        case local_verdict::accept: break;
    }
    if (decide_renewal(token.claims, now, guard.policy) == renewal_choice::due) return std::nullopt;
    return describe(guard, token, local->age);
}

task<result<accepted>> auth_service::impl::judge(guard_ptr guard, guards_ptr guards,
                                                 presented_token token, wall_time now) {
    if (auto known = judge_here(*guard, token, now)) co_return std::move(*known);
    const bool fresh = follower_.judge(token, guard->policy).has_value();
    auto asked = co_await judge_by_store(guard, guards, token, now);
    if (!fresh || asked || asked.error() == condition::denied) co_return asked;
    // The store is away. The copy is still the proof it was, if it is fresh after the waiting too.
    const auto again = follower_.judge(token, guard->policy);
    if (!again) co_return asked;
    if (again->verdict == local_verdict::revoked || again->verdict == local_verdict::reused)
        co_return refuse(errc::token_revoked, guard->name, token.session.sid.str());
    co_return describe(*guard, token, again->age);
}

task<result<accepted>> auth_service::impl::judge_by_store(guard_ptr guard, guards_ptr guards,
                                                          presented_token token, wall_time now) {
    auto verdict = co_await sessions_.check(guard, token);
    if (verdict && verdict->state == session_state::missing) {
        // The store may have lost it a moment ago: only after a mending is "unknown" an answer.
        const bool settled = co_await follower_.settle();
        if (!settled) co_return errc::store_unavailable;
        verdict = co_await sessions_.check(guard, token);
    }
    if (!verdict) co_return verdict.error();
    const auto& sid = token.session.sid.str();
    if (verdict->state == session_state::reused)
        events_.record({event_kind::token_reused, sid, token.session.owner.user.str(),
                        token.claims.generation});
    const bool live =
        verdict->state == session_state::current || verdict->state == session_state::grace;
    if (!live) co_return refuse(errc::token_revoked, guard->name, sid);

    std::optional<issued_token> successor;
    if (verdict->newest) {
        auto same = sign_identity(*guard, token.session, *verdict->newest, now);
        if (same) successor = std::move(*same);
    } else if (verdict->renewable &&
               decide_renewal(token.claims, now, guard->policy) == renewal_choice::due) {
        auto outcome = co_await renewer_.renew(guard, guards, token);
        if (outcome.how == renewal_outcome::ending::ended)
            co_return refuse(errc::token_revoked, guard->name, sid);
        successor = std::move(outcome.successor);
    }
    auto answer = describe(*guard, token, milliseconds{0});
    answer.renewed = std::move(successor);
    co_return answer;
}

task<result<std::optional<introspection>>> auth_service::impl::introspect(std::string token) {
    const auto guards = guards_;
    const auto now = co_await sessions_.now();
    if (!now) co_return now.error();
    for (const auto& [name, guard] : guards->all()) {
        auto read = read_token(*guard, token, *now, false);
        if (!read) continue;
        const auto verdict = co_await sessions_.check(guard, *read);
        if (!verdict) co_return verdict.error();
        if (verdict->state != session_state::current && verdict->state != session_state::grace)
            break;
        const auto& claims = read->claims;
        const auto issued = claims.issued_at.value_or(claims.expires_at - guard->policy.ttl);
        auto who = describe(*guard, *read, milliseconds{0});
        co_return std::optional(
            introspection{std::move(who), issued, claims.auth_time.value_or(issued)});
    }
    co_return std::optional<introspection>{};
}

}  // namespace holdfast
