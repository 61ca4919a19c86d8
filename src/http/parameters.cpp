// Percent-decoding and Basic.
#include "http/parameters.hpp"

#include "base/encode.hpp"

#include <algorithm>

namespace holdfast::http {
namespace {

std::optional<std::string> percent_decode(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            plain += ' ';
        } else if (text[i] != '%') {
            plain += text[i];
        } else {
            std::string digits(text.substr(i + 1, 2));
            std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) {
                return c >= 'A' && c <= 'F' ? static_cast<char>(c | 32) : c;
            });
            const auto byte = hex_decode(digits);
            if (!byte || byte->empty()) return std::nullopt;
            plain += *byte;
            i += 2;
        }
    }
    return plain;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string url(text.substr(0, text.find('=')));
    for (char& c : url) {
        if (c == '-' || c == '_') return std::nullopt;
        if (c == '+') c = '-';
        if (c == '/') c = '_';
    }
    return base64url_decode(url);
}

}  // namespace

parameter find_parameter(std::string_view encoded, std::string_view name) {
    parameter found;
    while (!encoded.empty()) {
        const auto end = encoded.find('&');
        const auto pair = encoded.substr(0, end);
        encoded.remove_prefix(end == encoded.npos ? encoded.size() : end + 1);
        const auto equals = pair.find('=');
        const auto key = percent_decode(pair.substr(0, equals));
        if (!key || *key != name) continue;
        auto value = percent_decode(equals == pair.npos ? "" : pair.substr(equals + 1));
        if (!value || found.is != parameter::state::absent) return {parameter::state::refused};
        found = {parameter::state::present, std::move(*value)};
    }
    return found;
}

std::optional<basic_credentials> read_basic(const header_list& headers) {
    const auto value = headers.find("Authorization");
    if (!value || headers.count("Authorization") > 1) return std::nullopt;
    const auto space = value->find(' ');
    if (space == value->npos || !equal_ignoring_case(value->substr(0, space), "basic"))
        return std::nullopt;
    const auto begin = std::min(value->find_first_not_of(' ', space), value->size());
    const auto plain = base64_decode(value->substr(begin));
    if (!plain) return std::nullopt;
    const auto colon = plain->find(':');
    if (colon == plain->npos) return std::nullopt;
    auto id = percent_decode(std::string_view(*plain).substr(0, colon));
    auto secret = percent_decode(std::string_view(*plain).substr(colon + 1));
    if (!id || !secret) return std::nullopt;
    return basic_credentials{std::move(*id), std::move(*secret)};
}

}  // namespace holdfast::http
