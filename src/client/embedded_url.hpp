// Where an embedded store lies and how much it may hold, read from a URL.
#pragma once

#include "holdfast/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

struct embedded_url {
    std::string folder;          ///< empty: in memory only
    std::size_t max_memory = 0;  ///< bytes; 0: no limit
};

/// Reads `memory:` or `embedded:FOLDER`, either with `?max_memory=SIZE`: digits, then nothing, kb,
/// mb or gb (powers of 1024), at least 1mb. errc::invalid_argument; `why` says what is wrong.
result<embedded_url> parse_embedded_url(std::string_view url, std::string& why);

}  // namespace holdfast
