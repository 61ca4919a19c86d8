// Commands and scripts drawn from a seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

/// The same seed gives the same sequence on every machine (no std::uniform_int_distribution).
class random_source {
public:
    explicit random_source(std::uint64_t seed) : bits_(seed) {}
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(bits_() % n); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <class List>
    auto pick(const List& from) {
        return *(std::begin(from) + static_cast<std::ptrdiff_t>(below(std::size(from))));
    }

private:
    std::mt19937_64 bits_;
};

/// One command: mostly well-formed, on a few keys, with values that sit on edges.
std::vector<std::string> random_command(random_source& random);

/// A Lua script that computes and returns something, without commands.
std::string random_expression_script(random_source& random);

}  // namespace holdfast::test
