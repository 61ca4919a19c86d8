// Small files, whole: keys, secrets, passwords, configurations.
#pragma once

#include <optional>
#include <string>

namespace holdfast::cli {

/// The bytes of a file or pipe of at most 1 MiB. Nothing when it cannot be read, is larger or is a
/// folder.
std::optional<std::string> read_file(const std::string& path);

}  // namespace holdfast::cli
