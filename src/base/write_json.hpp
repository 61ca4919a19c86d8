// JSON for whatever needs no more than texts, numbers, lists and objects: output, logs, claims.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

/// A string, with its quotes; control characters escaped. JSON is UTF-8, and names of locks and
/// what commands print need not be: a byte that is not UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text);

/// Members of one object, in order; values are JSON already.
using json_members = std::vector<std::pair<std::string, std::string>>;
std::string json_object(const json_members&);
std::string json_array(const std::vector<std::string>& items);

}  // namespace holdfast
