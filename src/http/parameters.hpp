// Parameters of a query or a form body, and HTTP Basic credentials.
#pragma once

#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::http {

/// One parameter of `a=1&b=2` text, percent-decoded.
struct parameter {
    enum class state { absent, present, refused };
    state is = state::absent;  ///< refused: given twice, or not decodable
    std::string value = {};
};

parameter find_parameter(std::string_view encoded, std::string_view name);

/// Client credentials of RFC 6749 section 2.3.1.
struct basic_credentials {
    std::string id;
    std::string secret;
};

/// From an Authorization header of scheme Basic; nothing when there is none or it is not
/// well-formed.
std::optional<basic_credentials> read_basic(const header_list& headers);

}  // namespace holdfast::http
