// A small set-associative cache of verified tokens.
#include "token/jws/verified_tokens.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace holdfast {
namespace {

// Tokens differ most in their signature; its last digits are as good as random. Whoever can choose
// them can sign, so collisions cannot be made on purpose, and cost no more than a miss.
std::size_t spread(std::string_view token) noexcept {
    std::uint64_t tail = 0;
    if (token.size() >= 16) std::memcpy(&tail, token.data() + token.size() - 16, sizeof tail);
    return static_cast<std::size_t>((tail * 0x9e3779b97f4a7c15u) >> 20);
}

}  // namespace

verified_tokens::verified_tokens(guard_policy policy, std::size_t room)
    : policy_(std::move(policy)), sets_(room == 0 ? 0 : std::bit_ceil((room + ways - 1) / ways)) {}

verified_tokens::set* verified_tokens::set_of(std::string_view token) noexcept {
    return sets_.empty() ? nullptr : &sets_[spread(token) & (sets_.size() - 1)];
}

void verified_tokens::forget_all() {
    for (auto& s : sets_) s.fill({});
}

result<const token_claims*> verified_tokens::verify(std::string_view token,
                                                    const key_ring_ptr& keys, wall_time now) {
    if (keys != ring_) {
        forget_all();
        ring_ = keys;
    }
    auto* const candidates = set_of(token);
    if (candidates != nullptr) {
        for (auto& known : *candidates) {
            if (known.used == 0 || known.token != token) continue;
            if (const auto fault = judge_again(known.claims, policy_, now)) return fault;
            known.used = ++clock_;
            return &known.claims;
        }
    }
    auto verified = verify_token(token, policy_, *keys, now);
    if (!verified) return verified.error();
    if (candidates == nullptr) {
        unremembered_ = std::move(*verified);
        return &unremembered_;
    }
    auto& place = *std::ranges::min_element(*candidates, {}, &entry::used);
    place = {std::string(token), std::move(*verified), ++clock_};
    return &place.claims;
}

}  // namespace holdfast
