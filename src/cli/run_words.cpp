// Knows which options of `run` take a value, and nothing else of them.
#include "cli/run_words.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace holdfast::cli {
namespace {

constexpr std::array<std::string_view, 7> long_with_value{
    "--ttl", "--wait", "--timeout", "--conflict-exit-code", "--command", "--on-lost", "--store"};
constexpr std::string_view short_with_value = "wEc";

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

// Whether the next word belongs to this one. In a cluster like "-nw" the last letter decides; what
// follows a letter that takes a value ("-w5") is the value.
bool wants_next(std::string_view word) {
    if (word.starts_with("--"))
        return std::ranges::find(long_with_value, word) != long_with_value.end();
    return word.find_first_of(short_with_value, 1) == word.size() - 1;
}

}  // namespace

std::vector<std::string> mark_command(std::vector<std::string> words) {
    bool named = false;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "--") break;
        if (!is_option(words[i])) {
            if (named) {
                words.insert(words.begin() + static_cast<std::ptrdiff_t>(i), "--");
                break;
            }
            named = true;
        } else if (wants_next(words[i])) {
            ++i;
        }
    }
    return words;
}

}  // namespace holdfast::cli
