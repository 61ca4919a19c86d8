// What one command answers, before a script turns it into a Lua value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::embedded {

/// A RESP2 reply. Unlike holdfast::reply it tells statuses and errors from bulk strings, because a
/// script can see the difference.
struct answer {
    enum class kind : unsigned char { nil, integer, bulk, status, error, array };

    kind type = kind::nil;
    std::int64_t number = 0;
    std::string text;
    std::vector<answer> items;

    static answer nil() { return {}; }
    static answer integer(std::int64_t n) {
        answer a;
        a.type = kind::integer;
        a.number = n;
        return a;
    }
    static answer size(std::size_t n) { return integer(static_cast<std::int64_t>(n)); }
    static answer bulk(std::string_view text) { return with_text(kind::bulk, text); }
    static answer status(std::string_view text) { return with_text(kind::status, text); }
    static answer ok() { return status("OK"); }
    /// The text starts with its code: "ERR …", "WRONGTYPE …".
    static answer error(std::string_view text) { return with_text(kind::error, text); }
    static answer array(std::vector<answer> items = {}) {
        answer a;
        a.type = kind::array;
        a.items = std::move(items);
        return a;
    }

    bool is_error() const noexcept { return type == kind::error; }
    friend bool operator==(const answer&, const answer&) = default;

private:
    static answer with_text(kind type, std::string_view text) {
        answer a;
        a.type = type;
        a.text = text;
        return a;
    }
};

/// The errors several commands share, in Redis's words: scripts match on them.
namespace errors {
inline answer syntax() { return answer::error("ERR syntax error"); }
inline answer wrong_type() {
    return answer::error("WRONGTYPE Operation against a key holding the wrong kind of value");
}
inline answer not_integer() { return answer::error("ERR value is not an integer or out of range"); }
inline answer not_float() { return answer::error("ERR value is not a valid float"); }
inline answer overflow() { return answer::error("ERR increment or decrement would overflow"); }
inline answer not_positive() {
    return answer::error("ERR value is out of range, must be positive");
}
answer arity(std::string_view command);
answer expire_time(std::string_view command);
}  // namespace errors

}  // namespace holdfast::embedded
