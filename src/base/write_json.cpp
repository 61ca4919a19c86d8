// Escapes for what JSON cannot hold as it is.
#include "base/write_json.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <cstdio>

namespace holdfast {

namespace {

bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

/// What the text begins with is not plain.
void take_special(std::string_view& text, std::string& out) {
    const auto length = utf8_sequence(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (length == 0) {
        out += "\\ufffd";
    } else if (byte == '"' || byte == '\\') {
        (out += '\\') += text.front();
    } else if (byte < 0x20 || byte == 0x7f) {
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(byte));
        out += escaped;
    } else {
        out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
}

}  // namespace

std::string json_quote(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    out += '"';
    while (!text.empty()) {
        const auto plain = std::ranges::find_if_not(text, is_plain) - text.begin();
        out += text.substr(0, static_cast<std::size_t>(plain));
        text.remove_prefix(static_cast<std::size_t>(plain));
        if (!text.empty()) take_special(text, out);
    }
    return out += '"';
}

std::string json_object(const json_members& members) {
    std::string out = "{";
    for (const auto& [name, value] : members)
        out += (out.size() > 1 ? "," : "") + json_quote(name) + ":" + value;
    return out + "}";
}

std::string json_array(const std::vector<std::string>& items) {
    std::string out = "[";
    for (const auto& item : items) out += (out.size() > 1 ? "," : "") + item;
    return out + "]";
}

}  // namespace holdfast
