// Expiry arguments: four units, one absolute instant.
#pragma once

#include "store/embedded/answer.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::embedded {

/// An instant in milliseconds since 1970, or the error answer why there is none.
class expire_instant {
public:
    explicit expire_instant(std::int64_t at_ms) : at_ms_(at_ms) {}
    explicit expire_instant(answer refusal) : refusal_(std::move(refusal)) {}
    explicit operator bool() const noexcept { return at_ms_.has_value(); }
    std::int64_t operator*() const { return *at_ms_; }
    const answer& refusal() const noexcept { return refusal_; }

private:
    std::optional<std::int64_t> at_ms_;
    answer refusal_;
};

struct expire_option {
    enum class unit { seconds_from_now, ms_from_now, unix_seconds, unix_ms };

    unit in;
    std::string_view amount;

    /// For SET and its kin: zero and negative amounts are refused.
    expire_instant instant(std::int64_t now_ms, std::string_view command) const;
    /// For EXPIRE and its kin: an instant in the past is allowed and removes the key.
    expire_instant any_instant(std::int64_t now_ms, std::string_view command) const;
};

/// EX, PX, EXAT, PXAT.
std::optional<expire_option::unit> expire_unit(std::string_view word) noexcept;

}  // namespace holdfast::embedded
