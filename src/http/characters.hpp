// Which bytes HTTP allows where (RFC 9110 section 5.6, RFC 9112 section 3).
#pragma once

#include <array>
#include <string_view>

namespace holdfast::http {
namespace detail {

enum : unsigned char {
    token_byte = 1,
    target_byte = 2,
    value_byte = 4,
    host_byte = 8,
    token68_byte = 16,
    clear_byte = 32
};

constexpr std::array<unsigned char, 256> classify() {
    std::array<unsigned char, 256> table{};
    const auto mark = [&](std::string_view bytes, unsigned char as) {
        for (const char c : bytes) table[static_cast<unsigned char>(c)] |= as;
    };
    constexpr std::string_view alphanumeric =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    mark(alphanumeric, token_byte | host_byte | token68_byte);
    mark("-._~+/", token68_byte);
    mark("!#$%&'*+-.^_`|~", token_byte);
    mark("-._~!$&'()*+,;=:[]%", host_byte);
    for (unsigned c = 0x21; c < 0x7f; ++c) table[c] |= target_byte | value_byte;
    table['#'] &= static_cast<unsigned char>(~target_byte);
    for (unsigned c = 0x80; c < 0x100; ++c) table[c] |= value_byte;
    for (unsigned c = 0x20; c < 0x100; ++c)
        if (c != 0x7f) table[c] |= clear_byte;
    table[' '] |= value_byte;
    table['\t'] |= value_byte;
    return table;
}

inline constexpr auto byte_classes = classify();

inline bool all_are(std::string_view text, unsigned char wanted) noexcept {
    unsigned char common = wanted;  // no early end: what passes here almost always passes whole
    for (const char c : text) common &= byte_classes[static_cast<unsigned char>(c)];
    return common != 0;
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
/// What stands in Bearer credentials, without the padding.
inline bool is_token68(std::string_view text) noexcept {
    return detail::all_are(text, detail::token68_byte);
}
/// No control character at all.
inline bool is_clear(std::string_view text) noexcept {
    return detail::all_are(text, detail::clear_byte);
}
inline bool is_host(std::string_view text) noexcept {
    return detail::all_are(text, detail::host_byte);
}

}  // namespace holdfast::http
