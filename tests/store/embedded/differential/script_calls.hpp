// Draws calls of shipped scripts that mostly make sense, and some that do not.
#pragma once

#include "holdfast/time.hpp"
#include "store/embedded/answer.hpp"
#include "store/embedded/differential/cases.hpp"
#include "store/embedded/differential/random_commands.hpp"

#include <deque>
#include <string>

namespace holdfast::test {

/// A few actors share a few locks, jobs, sessions and tokens. What an argument is, the head of its
/// script says in words; what scripts have answered is used again, so that fences, generations and
/// tickets fit.
class script_calls {
public:
    explicit script_calls(std::uint64_t seed) : random_(seed) {}

    diff_step next(wall_time now);
    void learn(const embedded::answer& from);

private:
    diff_step disturbance();
    std::string key(std::string_view room, const std::string& about);
    std::string argument(const std::string& about, wall_time now);
    std::string plausible(const std::string& about, wall_time now);
    std::string hostile();

    random_source random_;
    std::size_t actor_ = 0;
    std::deque<std::string> learnt_;
    std::deque<std::string> keys_;  // used lately
};

}  // namespace holdfast::test
