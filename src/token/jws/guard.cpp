// The verdict on one token, in the order cheapest to refuse.
#include "token/jws/guard.hpp"

#include "token/jws/claims_view.hpp"
#include "token/jws/jws.hpp"

#include <openssl/crypto.h>

#include <optional>

namespace holdfast {
namespace {

// RFC 7515 section 4.1.9: "application/" may be left out, and case does not matter.
bool is_user_token(const json_text& type) noexcept {
    if (type.raw.empty()) return true;
    if (type.escaped) return false;
    static constexpr std::string_view prefix = "application/";
    const auto same = [](std::string_view a, std::string_view b) {
        return a.size() == b.size() && OPENSSL_strncasecmp(a.data(), b.data(), a.size()) == 0;
    };
    auto name = type.raw;
    if (name.size() > prefix.size() && same(name.substr(0, prefix.size()), prefix))
        name.remove_prefix(prefix.size());
    return same(name, "JWT") || same(name, "at+jwt");
}

bool has_the_claims_of(const guard_policy& policy, const claims_view& claims) noexcept {
    if (claims.sid && claims.subject && claims.issued_at && claims.jti) return true;
    return policy.seed_tokens && !claims.sid && claims.jti;
}

struct lifetime {
    std::int64_t exp;
    std::optional<std::int64_t> nbf;
    std::optional<std::int64_t> iat;
};

error_code judge_times(const guard_policy& policy, const lifetime& life,
                       std::int64_t now) noexcept {
    const auto leeway = policy.leeway.count();
    if (now >= life.exp + policy.expiry_leeway.count()) return errc::token_expired;
    for (const auto& from : {life.nbf, life.iat})
        if (from && *from > now + leeway) return errc::token_not_yet_valid;
    const auto issued = life.iat.value_or(now + leeway);
    if (life.exp - issued > policy.max_ttl.count()) return errc::token_claims;
    return {};
}

error_code judge(const guard_policy& policy, const claims_view& claims, wall_time now) noexcept {
    if (!(*claims.guard == policy.name)) return errc::token_wrong_guard;
    if (!has_the_claims_of(policy, claims)) return errc::token_claims;
    if (!policy.audience.empty() && !claims.is_for(policy.audience)) return errc::token_claims;
    return judge_times(policy, {*claims.expires_at, claims.not_before, claims.issued_at},
                       to_unix_seconds(now));
}

}  // namespace

result<token_claims> verify_token(std::string_view token, const guard_policy& policy,
                                  const key_ring& keys, wall_time now) {
    jws_buffer buffer;
    jws_view jws;
    if (const auto fault = check_jws(token, keys, buffer, jws); fault != jws_fault::none)
        return errc_of(fault);
    if (!is_user_token(jws.type)) return errc::token_malformed;
    claims_view claims;
    if (const auto fault = read_claims(jws.payload, claims)) return fault;
    if (const auto fault = judge(policy, claims, now)) return fault;
    return claims.copy(jws.payload);
}

error_code judge_again(const token_claims& claims, const guard_policy& policy,
                       wall_time now) noexcept {
    const auto seconds_of = [](const std::optional<wall_time>& t) {
        return t ? std::optional(to_unix_seconds(*t)) : std::nullopt;
    };
    return judge_times(policy,
                       {to_unix_seconds(claims.expires_at), seconds_of(claims.not_before),
                        seconds_of(claims.issued_at)},
                       to_unix_seconds(now));
}

result<std::string> sign_token(const token_claims& claims, const key_ring& keys) {
    if (keys.current() == nullptr) return errc::not_found;
    return sign_jws(*keys.current(), claims.to_json());
}

result<std::string> sign_token(const token_claims& claims, const key_ring& keys,
                               std::string_view kid) {
    const auto* key = keys.find(kid);
    if (key == nullptr) return errc::not_found;
    return sign_jws(*key, claims.to_json());
}

}  // namespace holdfast
