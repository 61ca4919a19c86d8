// The `jwt:` and `guards:` sections: how long tokens live and who may have them.
#pragma once

#include "cli/config/config.hpp"
#include "cli/config/yaml_map.hpp"

#include <string>
#include <vector>

namespace holdfast::cli {

/// Both throw command_failure "FILE:LINE: …" for what is impossible.
jwt_config read_jwt(yaml_map section);
std::vector<guard_config> read_guards(yaml_map section, const jwt_config& jwt);

}  // namespace holdfast::cli
