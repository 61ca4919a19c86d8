// A short way through payloads that Holdfast wrote itself.
#pragma once

#include "token/jws/claims_view.hpp"

#include <string_view>

namespace holdfast {

/// Reads a payload that is, member for member, what token_claims::to_json() writes: its order, no
/// white space, no escape, ASCII texts, one audience at most, nothing beside. False, and `out` half
/// filled, for any other one: read_claims() judges that from the start. Never accepts what the
/// strict reader would not, and never with another meaning.
bool read_own_claims(std::string_view payload, claims_view& out) noexcept;

}  // namespace holdfast
