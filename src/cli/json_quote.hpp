// A string as a JSON literal, for --json output that needs no more than that.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::cli {

/// With its quotes; control characters escaped. JSON is UTF-8, and names of locks and what commands
/// print need not be: a byte that is not UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text);

}  // namespace holdfast::cli
