// `bench_contended contend holdfast|hiredis PORT CLIENTS WARM_MS SPAN_MS HOLD_US`, and
// `bench_contended queued|held PORT CROWD TIMES`: the lines that docs/benchmarks.md describes.
#include "contended/contest.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

namespace holdfast::bench {
namespace {

int usage() {
    std::fputs(
        "usage: bench_contended contend holdfast|hiredis PORT CLIENTS WARM_MS SPAN_MS"
        " HOLD_US\n       bench_contended queued|held PORT CROWD TIMES\n",
        stderr);
    return EXIT_FAILURE;
}

int run(const std::vector<std::string>& words) {
    const auto number = [&](std::size_t i) { return std::stoi(words[i]); };
    if (words.size() == 7 && words[0] == "contend") {
        const contest_plan plan{.port = number(2),
                                .clients = static_cast<unsigned>(number(3)),
                                .warm = milliseconds{number(4)},
                                .span = milliseconds{number(5)},
                                .hold = microseconds{number(6)}};
        words[1] == "hiredis" ? contend_bare(plan) : contend_with_lockers(plan);
        return EXIT_SUCCESS;
    }
    if (words.size() != 4) return usage();
    const auto crowd = static_cast<unsigned>(number(2));
    const auto times = static_cast<unsigned>(number(3));
    words[0] == "held" ? measure_held(number(1), crowd, times)
                       : measure_queued(number(1), crowd, times);
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace holdfast::bench

int main(int count, char** words) {
    try {
        return holdfast::bench::run({words + 1, words + count});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_contended: %s\n", error.what());
        return EXIT_FAILURE;
    }
}
