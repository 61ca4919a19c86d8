// The folder in which users, sessions and secrets are kept.
#pragma once

#include <string>

namespace holdfast::cli {

/// Makes the folder, with those above it, when it is not there: private from the start. Throws
/// command_failure (exit code unavailable) when it cannot be.
void make_data_folder(const std::string& folder);

}  // namespace holdfast::cli
