// The pieces of the texts that the scripts keep: members, side keys, entries.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

/// What stands before the separator, which is taken off with it; all of it when there is none.
inline std::string_view take_part(std::string_view& text, char separator = '|') {
    const auto part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

/// A whole number, also as a zset's score is written ("1.7e+15"). 0 for anything else.
inline std::int64_t whole_number(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return static_cast<std::int64_t>(value);
}

/// "<who>\t<trace>" as members keep it; without a trace the name alone.
struct signature {
    std::string who;
    std::string trace;
};
inline signature read_signature(std::string_view text) {
    signature read;
    read.who = take_part(text, '\t');
    read.trace = text;
    return read;
}
inline std::string write_signature(std::string_view who, std::string_view trace) {
    std::string text(who);
    std::ranges::replace(text, '|', '/');
    std::ranges::replace(text, '\t', ' ');
    if (!trace.empty()) text.append(1, '\t').append(trace);
    return text;
}

}  // namespace holdfast
