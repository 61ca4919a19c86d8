// Which bytes HTTP allows where (RFC 9110 section 5.6, RFC 9112 section 3).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace holdfast::http {
namespace detail {

enum : unsigned char { token_byte = 1, target_byte = 2, value_byte = 4, host_byte = 8 };

constexpr std::array<unsigned char, 256> classify() {
    std::array<unsigned char, 256> table{};
    const auto mark = [&](std::string_view bytes, unsigned char as) {
        for (const char c : bytes) table[static_cast<unsigned char>(c)] |= as;
    };
    constexpr std::string_view alphanumeric =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    mark(alphanumeric, token_byte | host_byte);
    mark("!#$%&'*+-.^_`|~", token_byte);
    mark("-._~!$&'()*+,;=:[]%", host_byte);
    for (unsigned c = 0x21; c < 0x7f; ++c) table[c] |= target_byte | value_byte;
    table['#'] &= static_cast<unsigned char>(~target_byte);
    for (unsigned c = 0x80; c < 0x100; ++c) table[c] |= value_byte;
    table[' '] |= value_byte;
    table['\t'] |= value_byte;
    return table;
}

inline constexpr auto byte_classes = classify();

inline bool all_are(std::string_view text, unsigned char wanted) noexcept {
    return std::all_of(text.begin(), text.end(), [wanted](char c) {
        return (byte_classes[static_cast<unsigned char>(c)] & wanted) != 0;
    });
}

}  // namespace detail

inline bool is_token(std::string_view text) noexcept {
    return !text.empty() && detail::all_are(text, detail::token_byte);
}
/// Printable ASCII without the fragment sign.
inline bool is_target(std::string_view text) noexcept {
    return detail::all_are(text, detail::target_byte);
}
/// Anything but control characters; a tab may be inside.
inline bool is_field_value(std::string_view text) noexcept {
    return detail::all_are(text, detail::value_byte);
}
inline bool is_host(std::string_view text) noexcept {
    return detail::all_are(text, detail::host_byte);
}

}  // namespace holdfast::http
