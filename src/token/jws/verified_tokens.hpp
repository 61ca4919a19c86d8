// Remembers tokens that were verified, so that the next request with the same one is cheap.
#pragma once

#include "token/jws/guard.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// verify_token with a memory. A hit compares the whole token, judges expiry again and is only
/// taken while guard and key ring are the very ones that verified it. Revocation is the caller's to
/// check, every time.
///
/// One per guard and runtime; used from its thread only. Bounded: a new token takes the place of
/// the one that was used longest ago among those it competes with.
class verified_tokens {
public:
    /// Room for about this many tokens; 0 remembers none.
    verified_tokens(guard_policy policy, std::size_t room);

    /// As verify_token(). The claims stay valid until the next call.
    result<const token_claims*> verify(std::string_view token, const key_ring_ptr& keys,
                                       wall_time now);

    const guard_policy& policy() const noexcept { return policy_; }

private:
    struct entry {
        std::string token = {};
        token_claims claims = {};
        std::uint64_t used = 0;  // 0: empty
    };
    static constexpr std::size_t ways = 4;
    using set = std::array<entry, ways>;

    set* set_of(std::string_view token) noexcept;
    void forget_all();

    guard_policy policy_;
    std::vector<set> sets_;
    key_ring_ptr ring_;  // kept, so that another ring cannot come to lie at its address
    token_claims unremembered_ = {};
    std::uint64_t clock_ = 0;
};

}  // namespace holdfast
