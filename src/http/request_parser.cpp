// The strict reading of a request head, line by line.
#include "http/request_parser.hpp"

#include "http/characters.hpp"

#include <cstring>

namespace holdfast::http {
namespace {

constexpr std::string_view bad_line = "malformed request line";
constexpr std::size_t longest_method = 32;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

void request_parser::reset() {
    auto fields = std::move(fields_);
    fields.clear();
    const auto kept = limits_;
    *this = request_parser(kept);
    fields_ = std::move(fields);
}

progress request_parser::refuse(int status, std::string_view why) {
    refusal_ = {status, why};
    return progress::refused;
}

progress request_parser::feed(std::string_view input) {
    while (true) {
        const void* found = scanned_ < input.size() ? std::memchr(input.data() + scanned_, '\n',
                                                                  input.size() - scanned_)
                                                    : nullptr;
        if (found == nullptr) {
            scanned_ = input.size();
            if (input.size() > limits_.head) return refuse(431, "request head too large");
            return progress::more;
        }
        const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
        if (end + 1 > limits_.head) return refuse(431, "request head too large");
        if (end == position_ || input[end - 1] != '\r')
            return refuse(400, "a line ends in a bare line feed");
        const auto line = input.substr(position_, end - 1 - position_);
        const bool last = line.empty() && started_;
        if (!last && !take_line(input, line)) return progress::refused;
        position_ = scanned_ = end + 1;
        if (last) return finish() ? progress::done : progress::refused;
    }
}

// One empty line before a request is a habit of old clients (RFC 9112 section 2.2); two are not.
bool request_parser::take_line(std::string_view, std::string_view line) {
    if (started_) return take_field(line);
    if (line.empty() && position_ == 0) return true;
    started_ = true;
    return take_request_line(line);
}

request_parser::piece request_parser::locate(std::string_view line, std::string_view part) const {
    const auto offset = position_ + static_cast<std::size_t>(part.data() - line.data());
    return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(part.size())};
}

bool request_parser::take_request_line(std::string_view line) {
    const auto space = line.find(' ');
    const auto second = space == line.npos ? line.npos : line.find(' ', space + 1);
    if (second == line.npos) return refuse(400, bad_line), false;
    const auto method = line.substr(0, space);
    const auto target = line.substr(space + 1, second - space - 1);
    const auto version = line.substr(second + 1);
    if (!is_token(method) || method.size() > longest_method)
        return refuse(400, "malformed method"), false;
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refuse(400, "not HTTP/1.1 or HTTP/1.0"), false;
    const bool asterisk = target == "*" && method == "OPTIONS";
    if (!asterisk && (!target.starts_with('/') || !is_target(target)))
        return refuse(400, "the request target is not a path"), false;
    http_1_0_ = version == "HTTP/1.0";
    keep_alive_ = !http_1_0_;
    method_ = locate(line, method);
    target_ = locate(line, target);
    return true;
}

bool request_parser::take_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t')
        return refuse(400, "a header field is folded"), false;
    const auto colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon)))
        return refuse(400, "malformed header field name"), false;
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (!is_field_value(value)) return refuse(400, "control character in a header field"), false;
    if (fields_.size() == limits_.fields) return refuse(431, "too many header fields"), false;
    fields_.push_back({locate(line, name), locate(line, value)});
    return take_framing(name, value);
}

// The fields that decide where this request ends and whether another follows.
bool request_parser::take_framing(std::string_view name, std::string_view value) {
    switch (name.size()) {
        case 4: return !equal_ignoring_case(name, "host") || take_host(value);
        case 6:
            if (equal_ignoring_case(name, "expect")) {
                if (!equal_ignoring_case(value, "100-continue"))
                    return refuse(417, "unknown expectation"), false;
                expects_continue_ = true;
            }
            return true;
        case 10: return !equal_ignoring_case(name, "connection") || take_connection(value);
        case 14: return !equal_ignoring_case(name, "content-length") || take_content_length(value);
        case 17:
            return !equal_ignoring_case(name, "transfer-encoding") || take_transfer_encoding(value);
        default: return true;
    }
}

bool request_parser::take_host(std::string_view value) {
    if (++hosts_ > 1) return refuse(400, "several Host fields"), false;
    if (!is_host(value)) return refuse(400, "malformed Host"), false;
    return true;
}

bool request_parser::take_connection(std::string_view value) {
    while (!value.empty()) {
        const auto comma = value.find(',');
        const auto option = trim(value.substr(0, comma));
        if (equal_ignoring_case(option, "close")) keep_alive_ = false;
        if (equal_ignoring_case(option, "keep-alive") && http_1_0_) keep_alive_ = true;
        value.remove_prefix(comma == value.npos ? value.size() : comma + 1);
    }
    return true;
}

bool request_parser::take_content_length(std::string_view value) {
    constexpr std::size_t most_digits = 18;
    if (has_length_) return refuse(400, "several Content-Length fields"), false;
    if (value.empty()) return refuse(400, "malformed Content-Length"), false;
    std::uint64_t length = 0;
    for (const char c : value) {
        if (c < '0' || c > '9') return refuse(400, "malformed Content-Length"), false;
        if (value.size() <= most_digits) length = length * 10 + static_cast<unsigned>(c - '0');
    }
    if (value.size() > most_digits || length > limits_.body)
        return refuse(413, "body too large"), false;
    has_length_ = true;
    content_length_ = static_cast<std::size_t>(length);
    return true;
}

bool request_parser::take_transfer_encoding(std::string_view value) {
    if (chunked_ || http_1_0_ || !equal_ignoring_case(value, "chunked"))
        return refuse(400, "unsupported Transfer-Encoding"), false;
    chunked_ = true;
    return true;
}

bool request_parser::finish() {
    if (chunked_ && has_length_)
        return refuse(400, "Content-Length beside Transfer-Encoding"), false;
    if (hosts_ == 0 && !http_1_0_) return refuse(400, "no Host field"), false;
    return true;
}

void request_parser::fill(request& out, std::string_view input) const {
    const auto view = [&](piece p) { return input.substr(p.at, p.size); };
    out.method = view(method_);
    out.target = view(target_);
    const auto question = out.target.find('?');
    out.path = out.target.substr(0, question);
    out.query = question == out.target.npos ? std::string_view() : out.target.substr(question + 1);
    out.headers.clear();
    for (const auto& f : fields_) out.headers.add(view(f.name), view(f.value));
}

}  // namespace holdfast::http
