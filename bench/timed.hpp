// What the benchmark programs share: how long they run and how they print.
#pragma once

#include "runtime/asio_runtime.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace holdfast::bench {

inline double to_seconds(nanoseconds span) { return static_cast<double>(span.count()) / 1e9; }

/// Calls `step` (which returns how much it did) for `span`, after a tenth of it to warm up; how
/// much was done a second.
template <class Step>
double rate(const runtime& rt, nanoseconds span, Step step) {
    const auto warm = rt.now() + span / 10;
    while (rt.now() < warm) step();
    const auto begun = rt.now();
    double done = 0;
    auto ended = begun;
    for (; ended - begun < span; ended = rt.now()) done += static_cast<double>(step());
    return done / to_seconds(ended - begun);
}

inline int fail(const std::string& why) {
    std::fprintf(stderr, "bench: %s\n", why.c_str());
    return EXIT_FAILURE;
}

}  // namespace holdfast::bench
