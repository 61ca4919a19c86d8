// Header look-up and response fields.
#include "http/message.hpp"

#include "http/characters.hpp"

namespace holdfast::http {
namespace {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool detail::same_letters(std::string_view a, std::string_view b) noexcept {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

std::optional<std::string_view> header_list::find(std::string_view name) const noexcept {
    for (const auto& field : fields_)
        if (equal_ignoring_case(field.name, name)) return field.value;
    return std::nullopt;
}

std::size_t header_list::count(std::string_view name) const noexcept {
    std::size_t n = 0;
    for (const auto& field : fields_) n += equal_ignoring_case(field.name, name);
    return n;
}

response& response::constant_fields(std::string_view lines) {
    fields_.append(lines);
    return *this;
}

response& response::header(std::string_view name, std::string_view value) {
    constexpr std::size_t usual_size = 384;  // a decision with its identity and a Same-Token
    if (fields_.empty()) fields_.reserve(usual_size);
    fields_.append(name).append(": ");
    const auto begin = fields_.size();
    fields_.append(value).append("\r\n");
    if (!is_clear(value))
        for (auto at = begin; at < begin + value.size(); ++at)
            if (!is_clear({&fields_[at], 1})) fields_[at] = '?';
    return *this;
}

response& response::content(std::string_view type, std::string text) {
    body_ = std::move(text);
    return header("Content-Type", type);
}

std::optional<std::string_view> response::find(std::string_view name) const noexcept {
    std::string_view rest = fields_;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        const auto colon = line.find(':');
        if (equal_ignoring_case(line.substr(0, colon), name)) return line.substr(colon + 2);
        rest.remove_prefix(line.size() + 2);
    }
    return std::nullopt;
}

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 204: return "No Content";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        default: return "Status";
    }
}

}  // namespace holdfast::http
