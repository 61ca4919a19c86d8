// X-Forwarded-For from right to left.
#include "http/client_address.hpp"

#include <algorithm>

namespace holdfast::http {
namespace {

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<client_address> address_of_client(const request& asked,
                                                const std::vector<std::string>& trusted_proxies) {
    const auto is_trusted = [&](std::string_view address) {
        return std::find(trusted_proxies.begin(), trusted_proxies.end(), address) !=
               trusted_proxies.end();
    };
    auto nearest = asked.remote_address;
    const auto& fields = asked.headers.all();
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
        if (!equal_ignoring_case(field->name, "X-Forwarded-For")) continue;
        auto rest = field->value;
        while (is_trusted(nearest) && !rest.empty()) {
            const auto comma = rest.rfind(',');
            nearest = trim(comma == rest.npos ? rest : rest.substr(comma + 1));
            rest = comma == rest.npos ? std::string_view() : rest.substr(0, comma);
        }
    }
    auto parsed = client_address::parse(nearest);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
}

}  // namespace holdfast::http
