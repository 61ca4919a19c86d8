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
    const auto value = headers.find("Authorization");
    if (!value) return {};
    if (headers.count("Authorization") > 1) return {bearer::kind::ambiguous};
    const auto space = value->find(' ');
    if (!equal_ignoring_case(value->substr(0, space), "bearer") || space == value->npos) return {};
    auto token = value->substr(space);
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    if (token.find(',') != token.npos) return {bearer::kind::ambiguous};
    if (!is_credential(token)) return {bearer::kind::malformed};
    return {bearer::kind::token, token};
}

}  // namespace holdfast::http
