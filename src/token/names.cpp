// The rules behind the checked names.
#include "token/names.hpp"

#include "base/utf8.hpp"

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
        const bool digit = static_cast<unsigned char>(c - '0') <= 9;
        const bool letter = static_cast<unsigned char>(c - 'a') <= 5;
        wrong |= static_cast<unsigned>(!digit & !letter);
    }
    return wrong == 0;
}

bool is_client_address(std::string_view text) noexcept {
    return within(text, 64) && std::ranges::all_of(text, is_visible_without_braces);
}

}  // namespace holdfast::detail
