// Which bytes are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast {

/// Bytes of the well-formed sequence that `text` begins with; 0 when it begins with none.
std::size_t utf8_sequence(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

}  // namespace holdfast
