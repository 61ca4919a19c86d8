// Every script of every room, with what its head says about KEYS and ARGV.
#pragma once

#include "holdfast/store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

struct shipped_script {
    script what;
    std::vector<std::string> keys;  ///< what each of KEYS is, in the words of the head
    std::vector<std::string> args;
    /// The text for a test that has two clocks: TIME is what lies under `clock_key`, and no life
    /// is shorter than `shortest_life`, so that none ends on one side only.
    std::string with_given_clock;
    /// The same for a side whose clock the test turns.
    std::string with_own_clock;
};

inline constexpr std::string_view clock_key = "zz-clock";  // Unix microseconds

const std::vector<shipped_script>& shipped_scripts();
/// By "room/name"; throws std::out_of_range.
const shipped_script& shipped_script_named(std::string_view name);

/// The numbered items of one section of a head: "KEYS 1 lock  2 queue" gives "lock", "queue".
std::vector<std::string> items_of_head(std::string_view text, std::string_view section);

}  // namespace holdfast::test
