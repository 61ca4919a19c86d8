// Which bytes HTTP allows where (RFC 9110 section 5.6, RFC 9112 section 3).
#pragma once

#include <array>
#include <cstddef>
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

/// `unusual` says 0 of a byte that certainly passes; a piece with any other is looked up. The fixed
/// count is what makes compilers take the whole piece at once.
template <class Unusual>
bool all_are(std::string_view text, unsigned char wanted, Unusual unusual) noexcept {
    constexpr std::size_t piece = 16;
    while (text.size() >= piece) {
        unsigned char odd = 0;
        for (std::size_t i = 0; i < piece; ++i) odd |= unusual(static_cast<unsigned char>(text[i]));
        if (odd != 0 && !all_are(text.substr(0, piece), wanted)) return false;
        text.remove_prefix(piece);
    }
    return all_are(text, wanted);
}

constexpr unsigned char is_outside(unsigned char c, unsigned char first, unsigned char last) {
    return static_cast<unsigned char>(c - first) > last - first;
}

inline constexpr auto is_control = [](unsigned char c) -> unsigned char {
    return static_cast<unsigned char>((c < 0x20) | (c == 0x7f));
};
/// Not in a JWT, whose bytes are most of those that base64 and its kin allow.
inline constexpr auto is_no_jwt_byte = [](unsigned char c) -> unsigned char {
    return is_outside(c | 0x20, 'a', 'z') & is_outside(c, '-', '9') & is_outside(c, '_', '_');
};

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
    return detail::all_are(text, detail::value_byte, detail::is_control);
}
/// What stands in Bearer credentials, without the padding.
inline bool is_token68(std::string_view text) noexcept {
    return detail::all_are(text, detail::token68_byte, detail::is_no_jwt_byte);
}
/// No control character at all.
inline bool is_clear(std::string_view text) noexcept {
    return detail::all_are(text, detail::clear_byte, detail::is_control);
}
inline bool is_host(std::string_view text) noexcept {
    return detail::all_are(text, detail::host_byte);
}

}  // namespace holdfast::http
