// What happened in a run: always a hash of it, on demand a story that people can read.
#pragma once

#include "holdfast/time.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace holdfast::sim {

/// Two runs with equal hashes went the same way. Recording the story changes no hash, so a run that
/// failed is simply made again with the story switched on.
class trace {
public:
    void note(steady_time at, std::string_view who, std::string_view what,
              std::string_view detail = {}) {
        note(at, who, what, detail, [] { return std::string(); });
    }
    /// `more` is called only when somebody reads the story.
    template <class Text>
    void note(steady_time at, std::string_view who, std::string_view what, std::string_view detail,
              Text&& more) {
        ++events_;
        mix(static_cast<std::uint64_t>(at.time_since_epoch().count()));
        mix(who);
        mix(what);
        mix(detail);
        if (kept_ > 0 || print_) tell(at, who, what, detail, more());
    }
    void mix(std::uint64_t word) noexcept;
    void mix(std::string_view bytes) noexcept;

    std::uint64_t hash() const noexcept { return hash_; }
    std::uint64_t events() const noexcept { return events_; }

    /// Keeps the last lines.
    void keep(std::size_t lines) { kept_ = lines; }
    /// Calls back with each line.
    void print_to(std::function<void(const std::string&)> print) { print_ = std::move(print); }
    const std::deque<std::string>& story() const noexcept { return story_; }

private:
    void tell(steady_time at, std::string_view who, std::string_view what, std::string_view detail,
              const std::string& more);

    std::uint64_t hash_ = 0x84222325cbf29ce4u;
    std::uint64_t events_ = 0;
    std::size_t kept_ = 0;
    std::deque<std::string> story_;
    std::function<void(const std::string&)> print_;
};

/// "1d 02:03:04.000005".
std::string clock_text(steady_time at);

}  // namespace holdfast::sim
