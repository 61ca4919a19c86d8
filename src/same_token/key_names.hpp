// The keys of a fleet's Same-Token: Sa-Token's own two, and what we know about them.
#pragma once

#include <array>
#include <string>

namespace holdfast {

/// Current, past, meta.
inline std::array<std::string, 3> same_token_keys(const std::string& token_name) {
    const auto base = token_name + ":var:";
    return {base + "same-token", base + "past-same-token", base + "same-token-meta"};
}

}  // namespace holdfast
