// Which guard a request is judged by.
#pragma once

#include "http/message.hpp"
#include "http/parameters.hpp"
#include "http/services.hpp"

#include <optional>

namespace holdfast::http {

/// ?guard=NAME, else the default one; nothing for an impossible name or several.
inline std::optional<guard_name> choose_guard(const request& asked, const policy& rules) {
    if (asked.query.empty()) return rules.default_guard;
    const auto named = find_parameter(asked.query, "guard");
    if (named.is == parameter::state::absent) return rules.default_guard;
    if (named.is == parameter::state::refused) return std::nullopt;
    auto guard = guard_name::parse(named.value);
    if (!guard) return std::nullopt;
    return std::move(*guard);
}

}  // namespace holdfast::http
