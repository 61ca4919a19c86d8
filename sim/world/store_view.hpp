// What the store knows at this instant, read past every script.
#pragma once

#include "sim/world/store_process.hpp"

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::sim {

/// The number at the beginning of a text, as scripts write and take them; 0 when there is none.
template <class T = std::int64_t>
T number(std::string_view text) {
    T value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

struct stored_text {
    std::string value;
    std::optional<nanoseconds> left;  ///< by the store's clock; nothing: it does not expire
};
/// A string that has not expired; nothing for anything else.
std::optional<stored_text> text_at(store_process& in, std::string_view key);
std::optional<std::string> field_at(store_process& in, std::string_view key,
                                    std::string_view field);
/// All fields of a hash.
std::map<std::string, std::string> fields_at(store_process& in, std::string_view key);
/// The members of a sorted set, by score.
std::vector<std::pair<std::string, double>> scores_at(store_process& in, std::string_view key);
/// How many members a sorted set has.
std::size_t ranked_at(store_process& in, std::string_view key);
/// When a sorted set that exists ends, in ms by the store's clock; nothing: not by itself.
std::optional<std::int64_t> end_of_set(store_process& in, std::string_view key);
/// Those with this score.
std::vector<std::string> members_at(store_process& in, std::string_view key, double score);

}  // namespace holdfast::sim
