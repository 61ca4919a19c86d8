// Store URLs: checked before anything is opened, with their paths in the file's sense.
#include "cli/config/read_store.hpp"

#include "client/open_store.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace holdfast::cli {
namespace {

constexpr std::string_view embedded = "embedded:";

// What a URL gives a meaning to, escaped.
std::string escaped(std::string_view path) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const bool special = std::string_view("%&?#+ ").find(c) != std::string_view::npos;
        const auto byte = static_cast<unsigned char>(c);
        if (special) (out += '%').append({hex[byte >> 4], hex[byte & 15]});
        if (!special) out += c;
    }
    return out;
}

// ca=, cert= and key= of rediss:// name files.
std::string with_resolved_files(std::string_view url, const yaml_map& section) {
    const auto folder = escaped(section.resolve(""));
    auto rest = url.substr(std::min(url.find('?'), url.size()));
    std::string out(url.substr(0, url.size() - rest.size()));
    while (!rest.empty()) {
        const auto end = std::min(rest.find('&', 1), rest.size());
        const auto parameter = rest.substr(0, end);
        const auto value = std::min(parameter.find('='), parameter.size() - 1) + 1;
        const auto name = parameter.substr(1, value - 2);
        out.append(parameter.substr(0, value));
        const bool is_file = name == "ca" || name == "cert" || name == "key";
        if (is_file && value < parameter.size() && parameter[value] != '/') out.append(folder);
        out.append(parameter.substr(value));
        rest.remove_prefix(end);
    }
    return out;
}

std::string with_resolved_paths(const std::string& url, const yaml_map& section) {
    if (url.starts_with("rediss://")) return with_resolved_files(url, section);
    if (!url.starts_with(embedded)) return url;
    const auto end = std::min(url.find('?'), url.size());
    const auto folder = url.substr(embedded.size(), end - embedded.size());
    if (folder.empty()) return url;
    return std::string(embedded) + section.resolve(folder) + url.substr(end);
}

std::string read_url(yaml_map& section) {
    if (!section.has("url")) return section.text("url", "");
    const auto given = section.required_text("url");
    std::string why;
    if (!check_store_url(given, why)) section.fail("url", "is wrong: " + why);
    return with_resolved_paths(given, section);
}

}  // namespace

store_config read_store(yaml_map section) {
    store_config store;
    store.url = read_url(section);
    store.prefix = section.text("prefix", store.prefix);
    if (store.prefix.find_first_of("{} \t\r\n") != std::string::npos || store.prefix.size() > 64)
        section.fail("prefix", "must be at most 64 bytes without spaces or braces");
    store.fsync_always =
        section.choice<bool>("fsync", false, {{"everysec", false}, {"always", true}});
    store.call_timeout =
        section.duration("call_timeout", store.call_timeout, milliseconds{10}, minutes{1});
    section.finish();
    return store;
}

std::optional<std::string> numeric_address(const std::string& text) {
    boost::system::error_code odd;
    const auto address = boost::asio::ip::make_address(text, odd);
    if (odd || text.find('\0') != text.npos) return std::nullopt;
    return address.to_string();
}

}  // namespace holdfast::cli
