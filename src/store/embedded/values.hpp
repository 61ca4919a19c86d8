// The types a key can hold.
#pragma once

#include "store/embedded/insertion_map.hpp"
#include "store/embedded/sorted_set.hpp"

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast::embedded {

using string_value = std::string;
using hash_value = insertion_map<std::string>;
using list_value = std::deque<std::string>;
using set_value = insertion_map<std::monostate>;

struct stream_id {
    std::uint64_t ms = 0;
    std::uint64_t seq = 0;
    friend auto operator<=>(const stream_id&, const stream_id&) = default;
};

struct stream_value {
    using fields = std::vector<std::string>;  // name, value, name, value, …
    std::map<stream_id, fields> entries;
    stream_id last_id;  // never goes back, whatever is deleted
};

using value =
    std::variant<string_value, hash_value, list_value, set_value, sorted_set, stream_value>;

/// What TYPE answers.
constexpr std::string_view type_name(const value& v) noexcept {
    constexpr std::string_view names[] = {"string", "hash", "list", "set", "zset", "stream"};
    return names[v.index()];
}

}  // namespace holdfast::embedded
