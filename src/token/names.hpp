// Names of the token room as types: guards, users, accounts, sessions and client addresses.
#pragma once

#include "holdfast/error.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace holdfast {

namespace detail {
bool is_guard_name(std::string_view text) noexcept;
bool is_user_id(std::string_view text) noexcept;
bool is_account_name(std::string_view text) noexcept;
bool is_session_id(std::string_view text) noexcept;
bool is_client_address(std::string_view text) noexcept;

/// A text that has passed `is_valid`; two instances with different rules are different types.
template <bool (*is_valid)(std::string_view) noexcept>
class checked_name {
public:
    /// errc::invalid_argument when the rule of the type does not hold.
    static result<checked_name> parse(std::string_view text) {
        if (!is_valid(text)) return errc::invalid_argument;
        return checked_name(checked{}, text);
    }
    /// Wiring only: throws boost::system::system_error where parse() would fail.
    explicit checked_name(std::string_view text) : checked_name(parse(text).value()) {}

    const std::string& str() const noexcept { return text_; }
    friend auto operator<=>(const checked_name&, const checked_name&) = default;

private:
    struct checked {};
    checked_name(checked, std::string_view text) : text_(text) {}
    std::string text_;
};
}  // namespace detail

/// Who authenticates whom: `iss` of a token, key in `guards:`. 1 to 64 of letters, digits, `_` `-`.
using guard_name = detail::checked_name<detail::is_guard_name>;

/// A user inside its guard: `sub` of a token. 1 to 128 printable ASCII bytes without `{`, `}` and
/// blanks.
using user_id = detail::checked_name<detail::is_user_id>;

/// What a person types to log in. 1 to 64 bytes of UTF-8 without control characters or blanks at
/// either end.
using account_name = detail::checked_name<detail::is_account_name>;

/// One login and all tokens that descend from it: `sid`. 32 lower-case hexadecimal digits.
using session_id = detail::checked_name<detail::is_session_id>;

/// Where a login attempt came from, for rate limits only. 1 to 64 printable ASCII bytes without
/// blanks or braces.
using client_address = detail::checked_name<detail::is_client_address>;

}  // namespace holdfast
