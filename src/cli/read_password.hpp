// A password from the terminal, a pipe or a file; never from the command line,
// which others can see.
#pragma once

#include "base/secret.hpp"

#include <string>

namespace holdfast::cli {

/// Reads the file, or standard input: on a terminal it asks twice without echo,
/// from a pipe it takes the first line. One trailing newline is not part of the
/// password. Throws command_failure(exit_code::usage): unreadable file, empty,
/// or the two do not agree.
secret_text read_password(const std::string &file);

} // namespace holdfast::cli
