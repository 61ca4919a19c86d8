// Validation of a guard's numbers, and the renewal decision.
#include "token/token_policy.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast {
namespace {

/// FNV-1a with a final mix: a share of the spread that is the same on every node.
std::uint32_t stable_hash(std::string_view text) noexcept {
    std::uint32_t h = 2166136261U;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
    h ^= h >> 16;
    h *= 0x7feb352dU;
    return h ^ (h >> 15);
}

}  // namespace

std::string token_policy::fault() const {
    constexpr seconds longest_ttl = hours{24 * 366};
    if (ttl < seconds{1} || ttl > longest_ttl) return "jwt_ttl must be 1 second to 366 days";
    if (grace < milliseconds{0} || grace >= ttl)
        return "jwt_blacklist_grace_period must be at least 0 and shorter than jwt_ttl";
    if (renew_window < seconds{0} || renew_window > ttl)
        return "refresh_grace_period must be at least 0 and at most jwt_ttl";
    if (renew_spread < seconds{0} || renew_window + renew_spread > ttl)
        return "refresh_grace_period and its spread must together be at most jwt_ttl";
    if (max_session != seconds{0} && max_session < ttl)
        return "max_session must be 0 (no end) or at least jwt_ttl";
    return {};
}

renewal_choice decide_renewal(const token_claims& claims, wall_time now,
                              const token_policy& policy) noexcept {
    if (policy.renew_window == seconds{0}) return renewal_choice::not_due;
    if (now < claims.expires_at - policy.renew_window - policy.renew_spread)
        return renewal_choice::not_due;  // whatever its share of the spread
    const auto share = static_cast<std::int64_t>(stable_hash(claims.jti) % 1024);
    const auto earlier = milliseconds(policy.renew_spread) * share / 1024;
    const auto due_at = claims.expires_at - policy.renew_window - earlier;
    return now >= due_at ? renewal_choice::due : renewal_choice::not_due;
}

}  // namespace holdfast
