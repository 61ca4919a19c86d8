// Escapes for what JSON cannot hold as it is.
#include "cli/json_quote.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <cstdio>

namespace holdfast::cli {

std::string json_quote(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto length = utf8_sequence(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0) {
            out += "\\ufffd";
        } else if (byte == '"' || byte == '\\') {
            (out += '\\') += text.front();
        } else if (byte < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(byte));
            out += escaped;
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out + '"';
}

}  // namespace holdfast::cli
