// Holds quorum locks to their promises: one believer at a time, a majority behind each, rising
// tokens.
#pragma once

#include "sim/lock/believer.hpp"
#include "sim/lock/quorum_stores.hpp"
#include "sim/referee.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::sim {

/// For one name.
class quorum_checker {
public:
    quorum_checker(quorum_stores& on, referee& to, nanoseconds longest_lease)
        : stores_(on), judge_(to), longest_(longest_lease) {}

    std::shared_ptr<believer> on_belief(node& by, const lease& what);
    void on_extended(believer& who, steady_time valid_until);
    /// What the lock protects: compares tokens. False: refused.
    bool write(const believer& who);

private:
    void check_alone(const believer& fresh);
    void check_majority(const believer& who);
    void check_token(const lease& fresh);
    bool clocks_stepped_since(steady_time when);
    std::vector<std::uint64_t> losses();

    quorum_stores& stores_;
    referee& judge_;
    nanoseconds longest_;
    std::vector<std::shared_ptr<believer>> believers_;
    std::uint64_t highest_ = 0;
    std::vector<std::uint64_t> losses_;  // of each server when that was granted
    std::uint64_t written_ = 0;
};

}  // namespace holdfast::sim
