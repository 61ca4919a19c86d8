// The keys tokens are signed with: configured, or a random secret kept in the data folder.
#pragma once

#include "cli/config/config.hpp"
#include "holdfast/runtime.hpp"
#include "token/jws/key_ring.hpp"

#include <string>

namespace holdfast::cli {

/// Reads `jwt.keys` and `jwt.secret`. With neither, the secret in FOLDER/jwt.secret, which is made
/// (0600) when it is not there; several processes that start at once end up with the same one.
/// Throws command_failure that names the key and says what to do.
key_ring_ptr load_signing_keys(const config& from, runtime& rt);

/// Whether load_signing_keys() uses a secret that only this machine has.
bool uses_local_secret(const config& from) noexcept;

}  // namespace holdfast::cli
