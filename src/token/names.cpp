// The rules behind the checked names.
#include "token/names.hpp"

#include <algorithm>
#include <cstddef>

namespace holdfast::detail {
namespace {

bool is_visible_ascii(char c) noexcept { return c > ' ' && c < '\x7f'; }

bool is_visible_without_braces(char c) noexcept {
    return is_visible_ascii(c) && c != '{' && c != '}';
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/// Bytes of the UTF-8 sequence that starts with `lead`; 0 for a byte that starts none.
std::size_t sequence_length(unsigned char lead) noexcept {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

/// Bounds of the second byte, which exclude overlong forms, surrogates and values past U+10FFFF.
bool second_byte_fits(unsigned char lead, unsigned char second) noexcept {
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const auto length = sequence_length(lead);
        if (length == 0 || i + length > text.size()) return false;
        if (length > 1 && !second_byte_fits(lead, static_cast<unsigned char>(text[i + 1])))
            return false;
        for (std::size_t k = 2; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        i += length;
    }
    return true;
}

bool within(std::string_view text, std::size_t most) noexcept {
    return !text.empty() && text.size() <= most;
}

}  // namespace

bool is_guard_name(std::string_view text) noexcept {
    return within(text, 64) && std::ranges::all_of(text, is_word);
}

bool is_user_id(std::string_view text) noexcept {
    return within(text, 128) && std::ranges::all_of(text, is_visible_without_braces);
}

bool is_account_name(std::string_view text) noexcept {
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
    return within(text, 64) && text.front() != ' ' && text.back() != ' ' &&
           std::ranges::none_of(text, is_control) && is_utf8(text);
}

bool is_session_id(std::string_view text) noexcept {
    constexpr std::size_t digits = 32;
    if (text.size() != digits) return false;
    unsigned wrong = 0;  // without an early end, so that compilers take all of them at once
    for (std::size_t i = 0; i < digits; ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        wrong |= static_cast<unsigned char>(c - '0') > 9 & static_cast<unsigned char>(c - 'a') > 5;
    }
    return wrong == 0;
}

bool is_client_address(std::string_view text) noexcept {
    return within(text, 64) && std::ranges::all_of(text, is_visible_without_braces);
}

}  // namespace holdfast::detail
