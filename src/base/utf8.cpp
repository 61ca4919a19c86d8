// The table of RFC 3629 section 4.
#include "base/utf8.hpp"

namespace holdfast {
namespace {

/// Bytes of the sequence that starts with `lead`; 0 for a byte that starts none.
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

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const auto lead = static_cast<unsigned char>(text[0]);
    const auto length = sequence_length(lead);
    if (length == 0 || length > text.size()) return 0;
    if (length > 1 && !second_byte_fits(lead, static_cast<unsigned char>(text[1]))) return 0;
    for (std::size_t k = 2; k < length; ++k)
        if ((static_cast<unsigned char>(text[k]) & 0xc0) != 0x80) return 0;
    return length;
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto length = utf8_sequence(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace holdfast
