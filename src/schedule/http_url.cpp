// Splitting addresses; strict, because they come from configuration.
#include "schedule/http_url.hpp"

#include <algorithm>

namespace holdfast::schedule {

result<http_url> parse_http_url(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    const auto bad = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; };
    if (!text.starts_with(scheme) || std::any_of(text.begin(), text.end(), bad))
        return errc::invalid_argument;
    text.remove_prefix(scheme.size());
    text = text.substr(0, text.find('#'));
    const auto end = std::min(text.find_first_of("/?"), text.size());
    const auto authority = text.substr(0, end);
    http_url url;
    url.target = text.substr(end);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    url.authority = authority;
    if (authority.find('@') != std::string_view::npos) return errc::invalid_argument;
    const auto closing = authority.starts_with('[') ? authority.find(']') : 0;
    if (closing == std::string_view::npos) return errc::invalid_argument;
    const auto colon = authority.find(':', closing);
    url.host = closing > 0 ? authority.substr(1, closing - 1) : authority.substr(0, colon);
    url.port = colon == std::string_view::npos ? "80" : authority.substr(colon + 1);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (url.host.empty() || url.port.empty() || url.port.size() > 5 ||
        !std::all_of(url.port.begin(), url.port.end(), digit))
        return errc::invalid_argument;
    return url;
}

}  // namespace holdfast::schedule
