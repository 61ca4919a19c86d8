// Glob matching with one remembered star, hence at most |pattern| * |text| steps.
#include "store/embedded/glob.hpp"

#include <cstddef>
#include <utility>

namespace holdfast::embedded {
namespace {

struct step {
    bool matched;
    std::size_t next;  // index in the pattern after what was consumed
};

// A class starts after '['. One without an end is closed by the end of the pattern.
step match_class(std::string_view pattern, std::size_t at, char c) noexcept {
    const bool inverted = at < pattern.size() && pattern[at] == '^';
    if (inverted) ++at;
    bool matched = false;
    for (; at < pattern.size() && pattern[at] != ']'; ++at) {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) {
            matched = matched || pattern[++at] == c;
        } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
            auto low = static_cast<unsigned char>(pattern[at]);
            auto high = static_cast<unsigned char>(pattern[at + 2]);
            if (low > high) std::swap(low, high);
            const auto byte = static_cast<unsigned char>(c);
            matched = matched || (byte >= low && byte <= high);
            at += 2;
        } else {
            matched = matched || pattern[at] == c;
        }
    }
    if (at < pattern.size()) ++at;
    return {matched != inverted, at};
}

step match_one(std::string_view pattern, std::size_t at, char c) noexcept {
    switch (pattern[at]) {
        case '?': return {true, at + 1};
        case '[': return match_class(pattern, at + 1, c);
        case '\\':
            if (at + 1 < pattern.size()) ++at;
            [[fallthrough]];
        default: return {pattern[at] == c, at + 1};
    }
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t after_star = pattern.npos;
    std::size_t star_took_to = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            after_star = ++p;
            star_took_to = t;
            continue;
        }
        const auto one = p < pattern.size() ? match_one(pattern, p, text[t]) : step{false, p};
        if (one.matched) {
            p = one.next;
            ++t;
        } else if (after_star != pattern.npos) {
            p = after_star;
            t = ++star_took_to;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace holdfast::embedded
