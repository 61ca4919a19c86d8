// Text forms of bytes: lower-case hexadecimal and canonical base64url (RFC 4648 section 5, no
// padding).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

std::string hex_encode(std::span<const std::byte> bytes);
/// Accepts lower-case digits only, an even number of them.
std::optional<std::string> hex_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes);
/// Refuses padding, other alphabets, white space and non-zero unused bits: every byte string has
/// exactly one accepted spelling, so a token cannot be respelled around a revocation.
std::optional<std::string> base64url_decode(std::string_view text);
/// The same into memory the caller has, without allocating: the number of bytes written. Needs
/// text.size() / 4 * 3 + 2 bytes; nothing when there are fewer.
std::optional<std::size_t> base64url_decode(std::string_view text, std::span<char> out) noexcept;

}  // namespace holdfast
