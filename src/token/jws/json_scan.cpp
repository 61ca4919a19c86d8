// The JSON grammar, strictly.
#include "token/jws/json_scan.hpp"

#include <charconv>
#include <cstring>

namespace holdfast::json_scan {
namespace {

// What a byte inside a string means: plain, the end, an escape, the start of a sequence, or wrong.
enum class role : std::uint8_t { plain, quote, escape, two, three, four, wrong };

constexpr std::array<role, 256> make_roles() {
    std::array<role, 256> roles{};
    for (unsigned c = 0; c < 256; ++c)
        roles[c] = c < 0x20    ? role::wrong
                   : c == '"'  ? role::quote
                   : c == '\\' ? role::escape
                   : c < 0x80  ? role::plain
                   : c < 0xc2  ? role::wrong
                   : c < 0xe0  ? role::two
                   : c < 0xf0  ? role::three
                   : c < 0xf5  ? role::four
                               : role::wrong;
    return roles;
}
constexpr auto roles = make_roles();

unsigned byte(const char* p) noexcept { return static_cast<unsigned char>(*p); }
bool follows(const char* p) noexcept { return (byte(p) & 0xc0) == 0x80; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Shortest form only, no surrogates, nothing above U+10FFFF (Unicode table 3-7).
bool sequence(cursor& in, std::size_t length) noexcept {
    if (static_cast<std::size_t>(in.end - in.at) < length) return false;
    for (std::size_t i = 1; i < length; ++i)
        if (!follows(in.at + i)) return false;
    const auto first = byte(in.at), second = byte(in.at + 1);
    if (first == 0xe0 && second < 0xa0) return false;
    if (first == 0xed && second > 0x9f) return false;
    if (first == 0xf0 && second < 0x90) return false;
    if (first == 0xf4 && second > 0x8f) return false;
    in.at += length;
    return true;
}

int hex4(const char* p) noexcept {
    unsigned value = 0;
    const auto [end, ec] = std::from_chars(p, p + 4, value, 16);
    return ec == std::errc() && end == p + 4 ? static_cast<int>(value) : -1;
}

bool is_high(int unit) noexcept { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(int unit) noexcept { return unit >= 0xdc00 && unit < 0xe000; }

// After the backslash.
bool escape(cursor& in) noexcept {
    if (in.at_end()) return false;
    const char kind = *in.at++;
    if (kind != 'u') return kind != '\0' && std::strchr("\"\\/bfnrt", kind) != nullptr;
    if (in.end - in.at < 4) return false;
    const int unit = hex4(in.at);
    in.at += 4;
    if (unit <= 0 || is_low(unit)) return false;
    if (!is_high(unit)) return true;
    if (in.end - in.at < 6 || in.at[0] != '\\' || in.at[1] != 'u' || !is_low(hex4(in.at + 2)))
        return false;
    in.at += 6;
    return true;
}

bool digits(cursor& in) noexcept {
    const char* first = in.at;
    while (!in.at_end() && is_digit(*in.at)) ++in.at;
    return in.at != first;
}

bool number(cursor& in, json_value& out) noexcept {
    const char* first = in.at;
    if (*in.at == '-') ++in.at;
    const char* whole = in.at;
    if (!digits(in) || (*whole == '0' && in.at - whole > 1)) return false;
    if (!in.at_end() && *in.at == '.') {
        ++in.at;
        if (!digits(in)) return false;
    }
    if (!in.at_end() && (*in.at == 'e' || *in.at == 'E')) {
        ++in.at;
        if (!in.at_end() && (*in.at == '+' || *in.at == '-')) ++in.at;
        if (!digits(in)) return false;
        double held = 0;
        if (std::from_chars(first, in.at, held).ec != std::errc()) return false;
    }
    out = {json_kind::number, {first, static_cast<std::size_t>(in.at - first)}};
    return out.raw.size() <= json_limits::number_chars;
}

bool literal(cursor& in, std::string_view word, json_kind kind, json_value& out) noexcept {
    const std::string_view left(in.at, static_cast<std::size_t>(in.end - in.at));
    if (!left.starts_with(word)) return false;
    out = {kind, left.substr(0, word.size())};
    in.at += word.size();
    return true;
}

bool object(cursor& in, int depth) noexcept {
    if (in.eat('}')) return true;
    json_name_set names;
    json_text ignored_name;
    json_value ignored;
    do {
        if (!name(in, names, ignored_name) || !value(in, depth, ignored)) return false;
    } while (in.eat(','));
    return in.eat('}');
}

bool array(cursor& in, int depth) noexcept {
    if (in.eat(']')) return true;
    json_value ignored;
    do {
        if (!value(in, depth, ignored)) return false;
    } while (in.eat(','));
    return in.eat(']');
}

bool container(cursor& in, int depth, json_value& out) noexcept {
    if (depth >= json_limits::depth) return false;
    const char* first = in.at++;
    const bool is_object = *first == '{';
    if (!(is_object ? object(in, depth + 1) : array(in, depth + 1))) return false;
    out = {is_object ? json_kind::object : json_kind::array,
           {first, static_cast<std::size_t>(in.at - first)}};
    return true;
}

}  // namespace

bool string(cursor& in, json_text& out) noexcept {
    if (in.at_end() || *in.at != '"') return false;
    const char* first = ++in.at;
    out.escaped = false;
    for (;;) {
        while (!in.at_end() && roles[byte(in.at)] == role::plain) ++in.at;
        if (in.at_end()) return false;
        switch (roles[byte(in.at)]) {
            case role::plain: break;
            case role::quote:
                out.raw = {first, static_cast<std::size_t>(in.at - first)};
                ++in.at;
                return true;
            case role::escape:
                ++in.at;
                out.escaped = true;
                if (!escape(in)) return false;
                break;
            case role::two:
                if (!sequence(in, 2)) return false;
                break;
            case role::three:
                if (!sequence(in, 3)) return false;
                break;
            case role::four:
                if (!sequence(in, 4)) return false;
                break;
            case role::wrong: return false;
        }
    }
}

bool name(cursor& in, json_name_set& names, json_text& out) noexcept {
    in.skip_space();
    return string(in, out) && out.raw.size() <= json_limits::name_bytes && names.add(out) &&
           in.eat(':');
}

bool value(cursor& in, int depth, json_value& out) noexcept {
    in.skip_space();
    if (in.at_end()) return false;
    switch (*in.at) {
        case '"': {
            json_text text;
            if (!string(in, text)) return false;
            out = {json_kind::string, text.raw, text.escaped};
            return true;
        }
        case '{':
        case '[': return container(in, depth, out);
        case 't': return literal(in, "true", json_kind::boolean, out);
        case 'f': return literal(in, "false", json_kind::boolean, out);
        case 'n': return literal(in, "null", json_kind::null, out);
        default: return (*in.at == '-' || is_digit(*in.at)) && number(in, out);
    }
}

namespace {

std::size_t encode_utf8(unsigned c, char (&out)[4]) noexcept {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) {
        out[0] = static_cast<char>(c);
        return 1;
    }
    if (c < 0x800) {
        out[0] = static_cast<char>(0xc0 | c >> 6), out[1] = tail(0);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = static_cast<char>(0xe0 | c >> 12), out[1] = tail(6), out[2] = tail(0);
        return 3;
    }
    out[0] = static_cast<char>(0xf0 | c >> 18), out[1] = tail(12), out[2] = tail(6);
    out[3] = tail(0);
    return 4;
}

}  // namespace

std::size_t decoder::next(char (&out)[4]) noexcept {
    if (at_ == end_) return 0;
    if (*at_ != '\\') {
        out[0] = *at_++;  // one byte of a sequence at a time: callers only compare and append
        return 1;
    }
    const char kind = at_[1];
    at_ += 2;
    if (kind != 'u') {
        const char* const names = "bfnrt";
        const char* const found = std::strchr(names, kind);
        out[0] = found == nullptr ? kind : "\b\f\n\r\t"[found - names];
        return 1;
    }
    auto c = static_cast<unsigned>(hex4(at_));
    at_ += 4;
    if (is_high(static_cast<int>(c))) {
        c = 0x10000 + ((c & 0x3ff) << 10) + (static_cast<unsigned>(hex4(at_ + 2)) & 0x3ff);
        at_ += 6;
    }
    return encode_utf8(c, out);
}

}  // namespace holdfast::json_scan
