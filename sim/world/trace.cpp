// A multiplicative hash over words, and lines of text.
#include "sim/world/trace.hpp"

#include <cstdio>
#include <cstring>

namespace holdfast::sim {

void trace::mix(std::uint64_t word) noexcept {
    hash_ = (hash_ ^ word) * 0x9fb21c651e98df25u;
    hash_ ^= hash_ >> 32;
}

void trace::mix(std::string_view bytes) noexcept {
    mix(bytes.size());
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        const auto n = bytes.size() < sizeof word ? bytes.size() : sizeof word;
        std::memcpy(&word, bytes.data(), n);
        mix(word);
        bytes.remove_prefix(n);
    }
}

void trace::tell(steady_time at, std::string_view who, std::string_view what,
                 std::string_view detail, const std::string& more) {
    std::string line = clock_text(at) + "  ";
    line.append(who).append(who.size() < 6 ? 6 - who.size() : 0, ' ').append(" ").append(what);
    if (!detail.empty()) line.append("  ").append(detail);
    if (!more.empty()) line.append("  ").append(more);
    if (print_) print_(line);
    if (kept_ == 0) return;
    story_.push_back(std::move(line));
    if (story_.size() > kept_) story_.pop_front();
}

std::string clock_text(steady_time at) {
    const auto us = std::chrono::duration_cast<microseconds>(at.time_since_epoch()).count();
    const auto s = us / 1'000'000;
    char text[64];
    std::snprintf(text, sizeof text, "%lldd %02lld:%02lld:%02lld.%06lld",
                  static_cast<long long>(s / 86400), static_cast<long long>(s / 3600 % 24),
                  static_cast<long long>(s / 60 % 60), static_cast<long long>(s % 60),
                  static_cast<long long>(us % 1'000'000));
    return text;
}

}  // namespace holdfast::sim
