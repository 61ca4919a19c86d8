// The `store:` section, and the addresses a daemon listens on or trusts.
#pragma once

#include "cli/config/config.hpp"
#include "cli/config/yaml_map.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::cli {

/// Throws command_failure "FILE:LINE: …" for what is impossible.
store_config read_store(yaml_map section);

/// An IPv4 or IPv6 address in digits, as sockets print it; nothing for a name.
std::optional<std::string> numeric_address(const std::string& text);

}  // namespace holdfast::cli
