// What an Authorization header says about a bearer token (RFC 6750), as a plain function.
#pragma once

#include "http/message.hpp"

#include <string_view>

namespace holdfast::http {

/// The credentials of a request, as far as its form tells.
struct bearer {
    enum class kind {
        token,      ///< one well-formed bearer token; whether it is good is another question
        missing,    ///< no header, an empty one, a scheme without token, or another scheme
        malformed,  ///< scheme Bearer, but no b64token behind it
        ambiguous,  ///< several headers, or several credentials in one
    };
    kind is = kind::missing;
    std::string_view token = {};  ///< into the request; empty unless `is` is token
};

/// Looks at the Authorization header only: tokens in queries, bodies and cookies are not
/// credentials here.
bearer read_bearer(const header_list& headers) noexcept;

}  // namespace holdfast::http
