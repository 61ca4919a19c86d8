// Arguments out, replies in: the session scripts.
#include "token/session_store.hpp"

#include "token_scripts.hpp"

#include <array>

namespace holdfast {
namespace {

std::uint64_t as_unsigned(const reply& value) {
    const auto number = value.integer();
    return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

std::int64_t as_signed(const reply& value) {
    const auto number = value.integer();
    return number ? *number : 0;
}

/// Items from `first` on: generation, iat, exp, kid, claims, ue, auth.
token_identity read_identity(const reply& answer, std::size_t first) {
    token_identity id;
    id.generation = as_unsigned(answer[first]);
    id.issued_s = as_signed(answer[first + 1]);
    id.expires_s = as_signed(answer[first + 2]);
    id.kid = answer[first + 3].as_text();
    id.extra = answer[first + 4].as_text();
    id.user_epoch = as_unsigned(answer[first + 5]);
    id.auth_s = as_signed(answer[first + 6]);
    return id;
}

std::string_view word(retire_rule rule) { return rule == retire_rule::mint ? "mint" : "confirm"; }

std::int64_t unix_seconds_or(const std::optional<wall_time>& time, std::int64_t otherwise) {
    return time ? to_unix_seconds(*time) : otherwise;
}

template <class State, std::size_t N>
std::optional<State> state_named(std::string_view name,
                                 const std::array<std::pair<std::string_view, State>, N>& names) {
    for (const auto& [text, state] : names)
        if (text == name) return state;
    return std::nullopt;
}

constexpr std::array check_states{
    std::pair{std::string_view("ok"), session_state::current},
    std::pair{std::string_view("grace"), session_state::grace},
    std::pair{std::string_view("revoked"), session_state::revoked},
    std::pair{std::string_view("reuse"), session_state::reused},
    std::pair{std::string_view("missing"), session_state::missing},
};

constexpr std::array renewal_states{
    std::pair{std::string_view("minted"), renewal_state::minted},
    std::pair{std::string_view("same"), renewal_state::same},
    std::pair{std::string_view("young"), renewal_state::young},
    std::pair{std::string_view("over"), renewal_state::over},
    std::pair{std::string_view("revoked"), renewal_state::revoked},
    std::pair{std::string_view("reuse"), renewal_state::reused},
    std::pair{std::string_view("missing"), renewal_state::missing},
};

constexpr milliseconds lookup_lease{3000};

}  // namespace

std::string session_keys::named(std::string_view what) const {
    return prefix_ + "t:{t" + std::string(partition) + "}:" + std::string(what);
}

std::string session_keys::session(const session_ref& s) const {
    return named("s:" + s.owner.guard.str() + ':' + s.owner.user.str() + ':' + s.sid.str());
}

std::string session_keys::user(const user_ref& u) const {
    return named("u:" + u.guard.str() + ':' + u.user.str());
}

std::string session_keys::devices(const user_ref& u) const {
    return named("d:" + u.guard.str() + ':' + u.user.str());
}

std::string session_keys::lease(const session_ref& s, std::uint64_t generation) const {
    return named("r:" + s.owner.guard.str() + ':' + s.owner.user.str() + ':' + s.sid.str() + ':' +
                 std::to_string(generation));
}

script_keys session_store::feed_keys(std::string first, std::string second) const {
    return script_keys(std::move(first), std::move(second), keys_.feed(), keys_.log(),
                       keys_.state(), keys_.expiry());
}

script_keys session_store::feed_keys(std::string first, std::string second,
                                     std::string seventh) const {
    return script_keys(std::move(first), std::move(second), keys_.feed(), keys_.log(),
                       keys_.state(), keys_.expiry(), std::move(seventh));
}

/// Runs a script whose second item is the store's time, and learns that time.
task<result<reply>> session_store::ask(const script& what, script_keys keys, script_args args) {
    const auto sent = rt_.now();
    auto answer = co_await store_.run(what, std::move(keys), std::move(args));
    if (!answer) co_return answer;
    const auto time = (*answer)[1].integer();
    if (!time) co_return errc::protocol_error;
    clock_.observe(sent, rt_.now(), from_unix_ms(*time));
    co_return answer;
}

task<result<created_session>> session_store::create(guard_ptr guard, session_ref session) {
    auto keys =
        feed_keys(keys_.session(session), keys_.user(session.owner), keys_.devices(session.owner));
    script_args args(store_.fleet_channel(), keys_.partition, session.sid.str(),
                     guard->policy.ttl.count(), guard->policy.max_session.count(),
                     guard->keys->current()->kid(), guard->extra_claims,
                     guard->policy.most_sessions, session.owner.str());
    const auto answer = co_await ask(scripts::token::create, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    created_session made;
    made.first.generation = 1;
    made.first.issued_s = made.first.auth_s = as_signed((*answer)[2]);
    made.first.expires_s = as_signed((*answer)[3]);
    made.first.user_epoch = as_unsigned((*answer)[4]);
    made.first.kid = (*answer)[5].as_text();
    made.first.extra = (*answer)[6].as_text();
    for (const auto& item : (*answer)[7].items())
        if (auto sid = session_id::parse(item.as_text())) made.surplus.push_back(std::move(*sid));
    co_return made;
}

task<result<session_verdict>> session_store::check(guard_ptr guard, presented_token token) {
    const auto& c = token.claims;
    const auto expires = to_unix_seconds(c.expires_at);
    const auto issued = unix_seconds_or(c.issued_at, expires - guard->policy.ttl.count());
    auto keys = feed_keys(keys_.session(token.session), keys_.user(token.session.owner));
    script_args args(store_.fleet_channel(), keys_.partition, token.session.str(), c.generation,
                     c.user_epoch, guard->policy.grace.count(), word(guard->policy.retire), issued,
                     expires, unix_seconds_or(c.auth_time, issued), guard->keys->current()->kid(),
                     c.extra, guard->policy.missing == missing_rule::deny ? "deny" : "recreate");
    const auto answer = co_await ask(scripts::token::check, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    const auto state = state_named((*answer)[0].as_text(), check_states);
    if (!state) co_return errc::protocol_error;
    session_verdict verdict{*state};
    verdict.renewable = *state == session_state::current && (*answer)[3].as_integer() == 1;
    if (*state == session_state::grace) verdict.newest = read_identity(*answer, 2);
    co_return verdict;
}

task<result<renewal_answer>> session_store::renew(guard_ptr guard, presented_token token) {
    auto keys = feed_keys(keys_.session(token.session), keys_.user(token.session.owner),
                          keys_.devices(token.session.owner));
    script_args args(store_.fleet_channel(), keys_.partition, token.session.str(),
                     token.claims.generation, token.claims.user_epoch, guard->policy.grace.count(),
                     word(guard->policy.retire), guard->policy.ttl.count(),
                     guard->policy.max_session.count(), guard->keys->current()->kid(),
                     guard->extra_claims, token.session.sid.str());
    const auto answer = co_await ask(scripts::token::renew, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    const auto state = state_named((*answer)[0].as_text(), renewal_states);
    if (!state) co_return errc::protocol_error;
    renewal_answer renewal{*state};
    if (*state == renewal_state::minted || *state == renewal_state::same)
        renewal.successor = read_identity(*answer, 2);
    co_return renewal;
}

namespace {

result<feed_position> read_position(const result<reply>& answer) {
    if (!answer) return answer.error();
    return feed_position{std::string((*answer)[3].as_text()), as_signed((*answer)[2]),
                         as_unsigned((*answer)[4]), as_signed((*answer)[5])};
}

/// No token of the guard outlives this, whoever issued it.
milliseconds longest_life(const guard_settings& guard) {
    return guard.tokens.max_ttl + guard.tokens.expiry_leeway;
}

}  // namespace

task<result<feed_position>> session_store::revoke(guard_ptr guard, session_ref session) {
    auto keys =
        feed_keys(keys_.session(session), keys_.user(session.owner), keys_.devices(session.owner));
    script_args args(store_.fleet_channel(), keys_.partition, session.str(),
                     longest_life(*guard).count(), session.sid.str());
    const auto answer = co_await ask(scripts::token::revoke, std::move(keys), std::move(args));
    co_return read_position(answer);
}

task<result<feed_position>> session_store::revoke_again(std::vector<remembered_session> sessions) {
    const auto& first = sessions.front().session;
    auto keys = feed_keys(keys_.session(first), keys_.devices(first.owner));
    script_args args(store_.fleet_channel(), keys_.partition);
    for (const auto& one : sessions) {
        if (&one != &sessions.front()) {
            keys.add(keys_.session(one.session));
            keys.add(keys_.devices(one.session.owner));
        }
        args.add(one.session.str());
        args.add(longest_life(*one.guard).count());
        args.add(one.until_ms);
    }
    const auto answer =
        co_await ask(scripts::token::revoke_again, std::move(keys), std::move(args));
    co_return read_position(answer);
}

task<result<feed_position>> session_store::revoke_user(guard_ptr guard, user_ref user,
                                                       std::string request, std::uint64_t at_least,
                                                       std::int64_t known_until_ms) {
    auto keys = feed_keys(keys_.devices(user), keys_.user(user));
    script_args args(store_.fleet_channel(), keys_.partition, user.str(),
                     longest_life(*guard).count(), std::move(request), at_least, known_until_ms);
    const auto answer = co_await ask(scripts::token::revoke_user, std::move(keys), std::move(args));
    co_return read_position(answer);
}

task<result<bool>> session_store::lease_lookup(presented_token token, std::string attempt) {
    script_keys keys(keys_.lease(token.session, token.claims.generation));
    script_args args(std::move(attempt), lookup_lease.count());
    const auto answer =
        co_await store_.run(scripts::token::user_lease, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return answer->as_integer() == 1;
}

task<result<wall_time>> session_store::now() {
    if (!clock_.known()) {
        const auto sent = rt_.now();
        script_keys keys(keys_.feed());
        const auto answer =
            co_await store_.run(scripts::token::clock, std::move(keys), script_args());
        if (!answer) co_return answer.error();
        clock_.observe(sent, rt_.now(), from_unix_ms(as_signed(*answer)));
    }
    co_return clock_.now(rt_.now());
}

}  // namespace holdfast
