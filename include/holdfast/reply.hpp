// What a script answered, as Redis converts Lua values to RESP2.
#pragma once

#include "holdfast/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast {

/// A script's answer: nil, integer, text (bulk or status) or array. Errors are not replies: a
/// script that raises makes the call fail.
class reply {
public:
    using array = std::vector<reply>;

    reply() = default;
    explicit reply(std::int64_t number) : value_(number) {}
    explicit reply(std::string text) : value_(std::move(text)) {}
    explicit reply(array items) : value_(std::move(items)) {}

    bool is_nil() const noexcept { return std::holds_alternative<std::monostate>(value_); }
    bool is_integer() const noexcept { return std::holds_alternative<std::int64_t>(value_); }
    bool is_text() const noexcept { return std::holds_alternative<std::string>(value_); }
    bool is_array() const noexcept { return std::holds_alternative<array>(value_); }

    /// An integer, or text that is wholly a decimal one (how scripts return numbers above 2^53).
    /// Otherwise errc::protocol_error.
    result<std::int64_t> integer() const;
    /// Text; empty for nil. Otherwise errc::protocol_error.
    result<std::string> text() const;

    /// The items of an array; empty for everything else.
    const array& items() const noexcept;
    /// The i-th item; nil where there is none, so a short reply reads as absent values.
    const reply& operator[](std::size_t i) const noexcept;

    /// Shorthands for checked shapes: 0 and "" where the value is of another type.
    std::int64_t as_integer() const noexcept;
    std::string_view as_text() const noexcept;

    friend bool operator==(const reply&, const reply&) = default;

private:
    std::variant<std::monostate, std::int64_t, std::string, array> value_;
};

/// One line for logs and test failures: `[1, "abc", nil]`.
std::string to_string(const reply&);

}  // namespace holdfast
