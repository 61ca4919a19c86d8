// Reading the store's answer, matching a presented token, choosing the one to send.
#include "same_token/known_tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace holdfast {
namespace {

std::optional<known_token> token_at(const reply& from, std::size_t i, steady_time answered_at) {
    const auto text = from[i].as_text();
    if (text.empty()) return std::nullopt;
    const auto left = from[i + 1].integer();
    // PTTL is rounded down: a token that the store still held had a part of a millisecond more.
    const auto until =
        left && *left >= 0 ? answered_at + milliseconds{*left + 1} : steady_time::max();
    return known_token{std::string(text), digest_of(text), until};
}

bool matches(const std::optional<known_token>& known, const token_digest& presented,
             steady_time now) {
    static constexpr token_digest nothing{};
    const auto& expected = known ? known->digest : nothing;
    const bool same = CRYPTO_memcmp(expected.data(), presented.data(), presented.size()) == 0;
    return same && known && now < known->until;
}

}  // namespace

token_digest digest_of(std::string_view token) {
    // Fetched once: EVP_sha256() would be looked for by name in each call.
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    token_digest digest;
    EVP_Digest(token.data(), token.size(), digest.data(), nullptr, sha256, nullptr);
    return digest;
}

result<known_tokens> known_tokens::read(const reply& from, steady_time asked_at,
                                        steady_time answered_at) {
    const auto generation = from[1].integer();
    if (!generation || *generation < 0 || !from[7].is_text()) return errc::protocol_error;
    known_tokens known;
    known.generation = static_cast<std::uint64_t>(*generation);
    known.asked_at = asked_at;
    known.current = token_at(from, 2, answered_at);
    known.past = token_at(from, 4, answered_at);
    if (const auto next = from[6].as_text(); !next.empty()) {
        const auto due_in = from[7].integer();
        if (!due_in) return errc::protocol_error;
        known.next = known_token{std::string(next), digest_of(next), steady_time::max()};
        known.due = answered_at + milliseconds{*due_in};
    }
    return known;
}

same_token_match known_tokens::match(std::string_view presented, steady_time now) const {
    const auto digest = digest_of(presented);
    const bool is_current = matches(current, digest, now);
    const bool is_next = matches(next, digest, now);
    const bool is_past = matches(past, digest, now);
    if (is_current) return same_token_match::current;
    if (is_next) return same_token_match::next;
    return is_past ? same_token_match::past : same_token_match::refused;
}

const std::string* known_tokens::to_send(steady_time now, milliseconds overlap) const {
    if (next && now >= due + overlap / 2) return &next->text;
    if (current && now < current->until) return &current->text;
    return next ? &next->text : nullptr;
}

std::string random_token(runtime& rt) {
    static constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static constexpr unsigned fair = 256 / letters.size() * letters.size();
    std::string token;
    while (token.size() < 64) {
        std::array<std::byte, 96> random;
        rt.fill_random(random);
        for (const auto byte : random) {
            const auto value = std::to_integer<unsigned>(byte);
            if (value < fair && token.size() < 64) token += letters[value % letters.size()];
        }
    }
    return token;
}

}  // namespace holdfast
