// What the store knows at this instant, read past every script.
#pragma once

#include "sim/store_process.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::sim {

struct stored_text {
    std::string value;
    std::optional<nanoseconds> left;  ///< by the store's clock; nothing: it does not expire
};
/// A string that has not expired; nothing for anything else.
std::optional<stored_text> text_at(store_process& in, std::string_view key);
std::optional<std::string> field_at(store_process& in, std::string_view key,
                                    std::string_view field);
/// How many members a sorted set has.
std::size_t ranked_at(store_process& in, std::string_view key);

/// Data loss and clock steps, as far as somebody who concludes from earlier answers may know.
struct store_era {
    std::uint64_t losses, clock_steps;
    explicit store_era(const store_process& of)
        : losses(of.losses()), clock_steps(of.clock_steps()) {}
    friend bool operator==(const store_era&, const store_era&) = default;
};

}  // namespace holdfast::sim
