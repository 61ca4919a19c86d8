// Hexadecimal and strict base64url.
#include "base/encode.hpp"

#include <array>
#include <cstdint>

namespace holdfast {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t not_a_digit = 0xff;

constexpr std::array<std::uint8_t, 256> inverse(std::string_view digits) {
    std::array<std::uint8_t, 256> table{};
    table.fill(not_a_digit);
    for (std::size_t i = 0; i < digits.size(); ++i)
        table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    return table;
}

constexpr auto hex_values = inverse(hex_digits);
constexpr auto base64url_values = inverse(base64url_digits);

// Four digits make three bytes: one table for each place, its value already shifted there.
constexpr std::uint32_t bad_quad = 1u << 31;

constexpr std::array<std::array<std::uint32_t, 256>, 4> quad_tables() {
    std::array<std::array<std::uint32_t, 256>, 4> tables{};
    for (std::size_t place = 0; place < 4; ++place)
        for (std::size_t c = 0; c < 256; ++c)
            tables[place][c] = base64url_values[c] == not_a_digit
                                   ? bad_quad
                                   : std::uint32_t{base64url_values[c]} << (18 - 6 * place);
    return tables;
}

constexpr auto base64url_quads = quad_tables();

inline std::uint32_t quad(std::size_t place, char digit) noexcept {
    return base64url_quads[place][static_cast<unsigned char>(digit)];
}

}  // namespace

std::string hex_encode(std::span<const std::byte> bytes) {
    std::string text(bytes.size() * 2, '0');
    char* at = text.data();
    for (const auto byte : bytes) {
        *at++ = hex_digits[std::to_integer<unsigned>(byte) >> 4];
        *at++ = hex_digits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = hex_values[static_cast<unsigned char>(text[i])];
        const auto low = hex_values[static_cast<unsigned char>(text[i + 1])];
        if (high == not_a_digit || low == not_a_digit) return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::string base64url_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) text += base64url_digits[bits >> (held - 6) & 63];
    }
    if (held > 0) text += base64url_digits[bits << (6 - held) & 63];
    return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 2, '\0');
    const auto size = base64url_decode(text, std::span<char>(bytes));
    if (!size) return std::nullopt;
    bytes.resize(*size);
    return bytes;
}

std::optional<std::size_t> base64url_decode(std::string_view text, std::span<char> out) noexcept {
    if (text.size() % 4 == 1 || out.size() < text.size() / 4 * 3 + 2) return std::nullopt;
    const char* in = text.data();
    char* to = out.data();
    std::uint32_t seen = 0;  // collects the mark of anything that was not a digit
    for (const char* full = in + text.size() / 4 * 4; in != full; in += 4, to += 3) {
        const auto bits = quad(0, in[0]) | quad(1, in[1]) | quad(2, in[2]) | quad(3, in[3]);
        seen |= bits;
        to[0] = static_cast<char>(bits >> 16);
        to[1] = static_cast<char>(bits >> 8);
        to[2] = static_cast<char>(bits);
    }
    if (const auto rest = text.size() % 4; rest != 0) {
        auto bits = quad(0, in[0]) | quad(1, in[1]);
        if (rest == 3) bits |= quad(2, in[2]);
        seen |= bits;
        const std::uint32_t unused = rest == 3 ? 0xff : 0xffff;
        if ((bits & unused) != 0) return std::nullopt;
        *to++ = static_cast<char>(bits >> 16);
        if (rest == 3) *to++ = static_cast<char>(bits >> 8);
    }
    if ((seen & bad_quad) != 0) return std::nullopt;
    return static_cast<std::size_t>(to - out.data());
}

}  // namespace holdfast
