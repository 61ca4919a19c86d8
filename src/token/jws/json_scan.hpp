// The grammar beneath the JSON readers: each function eats one thing and says whether it was there.
#pragma once

#include "token/jws/json.hpp"

namespace holdfast::json_scan {

/// What is left to read.
struct cursor {
    const char* at;
    const char* end;

    bool at_end() const noexcept { return at == end; }
    void skip_space() noexcept {
        while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
    }
    /// Eats `c`, after white space.
    bool eat(char c) noexcept {
        skip_space();
        if (at == end || *at != c) return false;
        ++at;
        return true;
    }
};

/// A quoted string; the opening quote is next.
bool string(cursor& in, json_text& out) noexcept;
/// `"name" :`, not seen before in this object.
bool name(cursor& in, json_name_set& names, json_text& out) noexcept;
/// Any value, white space before it allowed; `depth` counts the containers around it.
bool value(cursor& in, int depth, json_value& out) noexcept;

/// Code points of a checked string, one after the other.
class decoder {
public:
    explicit decoder(const json_text& text) noexcept
        : at_(text.raw.data()), end_(text.raw.data() + text.raw.size()) {}
    /// The next one as UTF-8 in `out`; its length, or 0 at the end.
    std::size_t next(char (&out)[4]) noexcept;

private:
    const char* at_;
    const char* end_;
};

}  // namespace holdfast::json_scan
