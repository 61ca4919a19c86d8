// One guard, one key.
#include "holdfast/token_verifier.hpp"

#include "token/jws/guard.hpp"

namespace holdfast {

struct token_verifier::state {
    key_ring keys;
    guard_policy policy = {};
};

token_verifier token_verifier::with(token_rules accepted, state&& key) {
    key.policy.name = std::move(accepted.guard);
    key.policy.audience = std::move(accepted.audience);
    return token_verifier(std::make_shared<const state>(std::move(key)));
}

result<token_verifier> token_verifier::from_secret(token_rules accepted, std::string_view secret) {
    auto key = jws_key::from_secret(secret, jws_algorithm::hs256);
    if (!key) return errc::invalid_argument;
    return with(std::move(accepted), {key_ring::of(std::move(*key))});
}

result<token_verifier> token_verifier::from_key(token_rules accepted, std::string_view pem_or_jwk) {
    const auto first = pem_or_jwk.find_first_not_of(" \t\r\n");
    const bool jwk = first != pem_or_jwk.npos && pem_or_jwk[first] == '{';
    auto key = jwk ? jws_key::from_jwk(pem_or_jwk) : jws_key::from_pem(pem_or_jwk);
    if (!key) return errc::invalid_argument;
    return with(std::move(accepted), {key_ring::of(std::move(*key))});
}

result<token_claims> token_verifier::verify(std::string_view token, wall_time now) const {
    return verify_token(token, state_->policy, state_->keys, now);
}

}  // namespace holdfast
