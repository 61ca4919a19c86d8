// Scheme and token68 of the Authorization header.
#include "http/bearer.hpp"

#include "http/characters.hpp"

#include <algorithm>

namespace holdfast::http {
namespace {

bool is_credential(std::string_view text) noexcept {
    while (text.ends_with('=')) text.remove_suffix(1);
    return !text.empty() && is_token68(text);
}

}  // namespace

bearer read_bearer(const header_list& headers) noexcept {
    std::optional<std::string_view> value;
    for (const auto& field : headers.all()) {
        if (!equal_ignoring_case(field.name, "Authorization")) continue;
        if (value) return {bearer::kind::ambiguous};
        value = field.value;
    }
    if (!value) return {};
    const auto space = value->find(' ');
    if (!equal_ignoring_case(value->substr(0, space), "bearer") || space == value->npos) return {};
    auto token = value->substr(space);
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    if (token.find(',') != token.npos) return {bearer::kind::ambiguous};
    if (!is_credential(token)) return {bearer::kind::malformed};
    return {bearer::kind::token, token};
}

}  // namespace holdfast::http
