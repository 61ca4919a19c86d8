// The simulator's own random numbers: equal on every compiler and library.
#pragma once

#include "holdfast/time.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast::sim {

/// splitmix64 with integer distributions only: the standard library's differ from one
/// implementation to the next, and so does floating point where a compiler may fuse operations.
/// So does the order in which a call's arguments are evaluated: never draw twice in one list in
/// parentheses; braces are evaluated from left to right.
class random {
public:
    explicit random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() noexcept;
    /// 0 to n - 1; 0 when n is 0.
    std::uint64_t below(std::uint64_t n) noexcept { return n == 0 ? 0 : next() % n; }
    /// Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high) noexcept;
    nanoseconds between(nanoseconds low, nanoseconds high) noexcept {
        return nanoseconds{between(low.count(), high.count())};
    }
    /// True `per_million` times in a million.
    bool chance(std::uint32_t per_million) noexcept { return below(1'000'000) < per_million; }
    /// Mostly near `typical`, sometimes several times that: waiting times with a long tail.
    nanoseconds around(nanoseconds typical) noexcept;
    void fill(std::span<std::byte> out) noexcept;
    /// A generator of its own, so that drawing more numbers here does not change what another part
    /// of the run draws.
    random fork() noexcept { return random(next()); }

private:
    std::uint64_t state_;
};

}  // namespace holdfast::sim
