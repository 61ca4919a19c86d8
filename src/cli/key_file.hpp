// Keys for the command line: a file with one JWK or a JWK Set.
#pragma once

#include "token/jws/key_ring.hpp"

#include <string>

namespace holdfast::cli {

/// A ring of the file's keys; a key that names no algorithm gets `algorithm`, or its natural one
/// when that is empty. Fails the command with exit code 2 when the file cannot be read, is not
/// JSON, or `algorithm` is unknown, and with 1 when every key in it is refused: no token can be
/// valid then.
key_ring read_key_file(const std::string& path, const std::string& algorithm);

}  // namespace holdfast::cli
