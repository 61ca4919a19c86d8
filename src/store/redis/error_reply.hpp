// What an error line of Redis means for the caller.
#pragma once

#include "holdfast/error.hpp"

#include <string_view>

namespace holdfast {

/// The errc for an error a server answered with, e.g. "READONLY You can't write against a read only
/// replica." Knows the codes of Redis 7 and the sentences in which Redis 6.2 wraps errors that a
/// script ran into. Never outcome_unknown: the server answered, and each code of the retry group is
/// raised before the first write of a script.
errc classify_error(std::string_view line);

/// EVALSHA of a script that the server does not have (any more): not executed, send the text.
bool is_missing_script(std::string_view line);

}  // namespace holdfast
