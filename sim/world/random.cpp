// splitmix64 (Steele, Lea, Flood 2014).
#include "sim/world/random.hpp"

#include <algorithm>
#include <cstring>

namespace holdfast::sim {

std::uint64_t random::next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

std::int64_t random::between(std::int64_t low, std::int64_t high) noexcept {
    if (high <= low) return low;
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
}

nanoseconds random::around(nanoseconds typical) noexcept {
    const auto roll = below(100);
    if (roll < 80) return between(typical / 2, typical * 3 / 2);
    if (roll < 97) return between(typical / 10, typical * 3);
    return between(typical, typical * 10);
}

void random::fill(std::span<std::byte> out) noexcept {
    while (!out.empty()) {
        const auto word = next();
        const auto n = std::min(out.size(), sizeof word);
        std::memcpy(out.data(), &word, n);
        out = out.subspan(n);
    }
}

}  // namespace holdfast::sim
