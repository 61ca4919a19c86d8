// A string as a JSON literal, for --json output that needs no more than that.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace holdfast::cli {

/// With its quotes; control characters escaped, everything else as it is.
inline std::string json_quote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            out += escaped;
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace holdfast::cli
