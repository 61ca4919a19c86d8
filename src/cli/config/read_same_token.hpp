// The `same_token:` section.
#pragma once

#include "cli/config/config.hpp"
#include "cli/config/yaml_map.hpp"

namespace holdfast::cli {

/// What is not given fits the interval that is. Throws command_failure "FILE:LINE: …" for what is
/// impossible.
same_token_config read_same_token(yaml_map section);

}  // namespace holdfast::cli
