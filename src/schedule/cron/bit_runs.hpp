// Sets of small numbers seen as lists, runs and progressions, for printing.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace holdfast::cron {

/// The numbers of the bits set, rising.
inline std::vector<int> numbers_of(std::uint64_t bits) {
    std::vector<int> numbers;
    for (; bits != 0; bits &= bits - 1) numbers.push_back(std::countr_zero(bits));
    return numbers;
}

struct run {
    int first;
    int last;
};

/// Neighbouring numbers joined.
inline std::vector<run> runs_of(const std::vector<int>& numbers) {
    std::vector<run> runs;
    for (const int n : numbers) {
        if (!runs.empty() && runs.back().last + 1 == n)
            runs.back().last = n;
        else
            runs.push_back({n, n});
    }
    return runs;
}

/// The constant distance of three or more numbers; 0 when there is none or it is 1.
inline int step_of(const std::vector<int>& numbers) {
    if (numbers.size() < 3) return 0;
    const int step = numbers[1] - numbers[0];
    for (std::size_t i = 2; i < numbers.size(); ++i)
        if (numbers[i] - numbers[i - 1] != step) return 0;
    return step > 1 ? step : 0;
}

/// The years allowed, rising; empty for every year.
inline std::vector<int> years_of(const std::array<std::uint64_t, 4>& words) {
    std::vector<int> years;
    for (std::size_t word = 0; word < words.size(); ++word)
        for (const int bit : numbers_of(words[word]))
            years.push_back(1970 + static_cast<int>(64 * word) + bit);
    return years;
}

}  // namespace holdfast::cron
