// The parts of an http:// address.
#pragma once

#include "holdfast/error.hpp"

#include <string>
#include <string_view>

namespace holdfast::schedule {

struct http_url {
    std::string host;  ///< without brackets
    std::string port;  ///< "80" when not given
    std::string target;
    std::string authority;  ///< for the Host header
};

/// errc::invalid_argument: another scheme, user information, no host, spaces or control characters.
result<http_url> parse_http_url(std::string_view text);

}  // namespace holdfast::schedule
