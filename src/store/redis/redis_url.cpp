// Reads redis:// and rediss:// urls; every wrong one gets a sentence of its own.
#include "store/redis/redis_options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace holdfast {
namespace {

struct bad_url {
    std::string why;
};

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string unescape(std::string_view text, const char* part) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            throw bad_url{
                std::string("the ") + part +
                " has a % that is not followed by two hexadecimal digits; write %25 for %"};
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

std::optional<unsigned> whole_number(std::string_view text) {
    unsigned value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool has_control_or_space(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return c <= 32 || c == 127; });
}

void read_credentials(std::string_view text, redis_options& into) {
    const auto colon = text.find(':');
    if (colon == text.npos)
        throw bad_url{"there is a user but no password; write user:password@ or :password@"};
    into.user = unescape(text.substr(0, colon), "user");
    into.password = secret_text(unescape(text.substr(colon + 1), "password"));
    if (into.password.empty())
        throw bad_url{"the password before @ is empty; leave out user, colon and @ for none"};
}

void read_port(std::string_view text, redis_options& into) {
    const auto number = whole_number(text);
    if (!number || *number == 0 || *number > 65535)
        throw bad_url{"the port '" + std::string(text) + "' is not a number from 1 to 65535"};
    into.port = static_cast<unsigned short>(*number);
}

void read_bracketed(std::string_view text, redis_options& into) {
    const auto close = text.find(']');
    if (close == text.npos) throw bad_url{"the [ before an IPv6 address is not closed by ]"};
    into.host = std::string(text.substr(1, close - 1));
    if (into.host.find(':') == into.host.npos)
        throw bad_url{"'" + into.host + "' between [ and ] is not an IPv6 address"};
    const auto rest = text.substr(close + 1);
    if (rest.empty()) return;
    if (rest.front() != ':') throw bad_url{"after ] only :PORT may follow"};
    read_port(rest.substr(1), into);
}

void read_host(std::string_view text, redis_options& into) {
    if (text.starts_with('[')) return read_bracketed(text, into);
    const auto colon = text.find(':');
    if (colon != text.npos && text.find(':', colon + 1) != text.npos)
        throw bad_url{"an IPv6 address belongs between brackets: [::1]"};
    into.host = std::string(text.substr(0, colon));
    if (into.host.empty()) throw bad_url{"the host is missing"};
    if (colon != text.npos) read_port(text.substr(colon + 1), into);
}

void read_database(std::string_view text, redis_options& into) {
    if (text.empty()) return;
    const auto number = whole_number(text);
    if (!number || *number > 65535)
        throw bad_url{"the database '" + std::string(text) +
                      "' after the host is not a number from 0 to 65535"};
    into.database = *number;
}

milliseconds read_span(std::string_view value, const std::string& name) {
    const auto number = whole_number(value);
    if (!number || *number < 1 || *number > 600000)
        throw bad_url{name + "=" + std::string(value) +
                      " is not a number of milliseconds from 1 to" + " 600000"};
    return milliseconds{*number};
}

void read_parameter(std::string_view text, redis_options& into) {
    const auto equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (equals == text.npos || equals + 1 == text.size())
        throw bad_url{"the parameter '" + name + "' has no value"};
    const auto value = unescape(text.substr(equals + 1), "query");
    const bool about_tls = name == "ca" || name == "cert" || name == "key" || name == "server_name";
    if (about_tls && !into.tls)
        throw bad_url{"the parameter '" + name + "' needs TLS; write rediss:// in front"};
    if (name == "ca")
        into.ca_file = value;
    else if (name == "cert")
        into.certificate_file = value;
    else if (name == "key")
        into.key_file = value;
    else if (name == "server_name")
        into.server_name = value;
    else if (name == "prefix")
        into.prefix = value;
    else if (name == "timeout")
        into.call_timeout = read_span(value, name);
    else if (name == "connect_timeout")
        into.connect_timeout = read_span(value, name);
    else
        throw bad_url{"there is no parameter '" + name +
                      "'; known are ca, cert, key, server_name, " +
                      "timeout, connect_timeout and prefix"};
}

void read_parameters(std::string_view text, redis_options& into) {
    while (!text.empty()) {
        const auto ampersand = text.find('&');
        read_parameter(text.substr(0, ampersand), into);
        text = ampersand == text.npos ? std::string_view() : text.substr(ampersand + 1);
    }
    if (into.certificate_file.empty() != into.key_file.empty())
        throw bad_url{"a client certificate needs both cert=FILE and key=FILE"};
    if (into.prefix.find_first_of("{}\r\n") != into.prefix.npos)
        throw bad_url{"the prefix may hold neither braces nor line ends"};
}

redis_options read_url(std::string_view url) {
    redis_options read;
    if (has_control_or_space(url)) throw bad_url{"it holds a space or a control character"};
    if (url.starts_with("rediss://"))
        read.tls = true;
    else if (!url.starts_with("redis://"))
        throw bad_url{"it starts with neither redis:// nor rediss://"};
    auto rest = url.substr(read.tls ? 9 : 8);
    if (rest.find('#') != rest.npos) throw bad_url{"it holds a #; write %23 in a password"};

    const auto question = rest.find('?');
    const auto parameters = question == rest.npos ? std::string_view() : rest.substr(question + 1);
    rest = rest.substr(0, question);
    const auto at = rest.rfind('@');
    if (at != rest.npos) {
        read_credentials(rest.substr(0, at), read);
        rest = rest.substr(at + 1);
    }
    const auto slash = rest.find('/');
    read_host(rest.substr(0, slash), read);
    if (slash != rest.npos) read_database(rest.substr(slash + 1), read);
    read_parameters(parameters, read);
    return read;
}

}  // namespace

result<redis_options> parse_redis_url(std::string_view url, std::string* why) {
    try {
        return read_url(url);
    } catch (const bad_url& bad) {
        if (why != nullptr) *why = bad.why;
        return make_error_code(errc::invalid_argument);
    }
}

std::string redis_options::address() const {
    const auto name = host.find(':') == host.npos ? host : "[" + host + "]";
    return name + ":" + std::to_string(port) + "/" + std::to_string(database);
}

redis_options redis_options::clone() const {
    redis_options copy;
    copy.host = host;
    copy.port = port;
    copy.user = user;
    copy.password = password.clone();
    copy.database = database;
    copy.tls = tls;
    copy.ca_file = ca_file;
    copy.certificate_file = certificate_file;
    copy.key_file = key_file;
    copy.server_name = server_name;
    copy.other_keys = other_keys;
    copy.prefix = prefix;
    copy.call_timeout = call_timeout;
    copy.connect_timeout = connect_timeout;
    return copy;
}

}  // namespace holdfast
