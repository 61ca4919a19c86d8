// Applying recorded effects.
#pragma once

#include "store/embedded/keyspace.hpp"

#include <string_view>

namespace holdfast::embedded {

/// Runs the commands on the keyspace with expiry ignored: what was removed is removed by them.
/// False when the bytes are damaged or a command is refused, which a sound record never is; the
/// keyspace
/// may then hold part of them.
bool replay(keyspace& onto, std::string_view recorded);

}  // namespace holdfast::embedded
