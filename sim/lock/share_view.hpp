// A lock with several holders as the store has it: who holds, who waits.
#pragma once

#include "sim/world/store_process.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sim {

struct share_holder {
    std::string id;
    double ends_ms = 0;  ///< by the store's clock
    std::uint64_t fence = 0;
    char mode = '?';
    std::uint32_t weight = 0;
};

struct share_waiter {
    std::string id;
    double ticket = 0;
    char mode = '?';
    std::uint32_t weight = 0;
};

struct share_view {
    std::vector<share_holder> holders;  ///< whose leases have not ended
    std::vector<share_waiter> queue;
    std::uint32_t capacity = 0;
    bool upgrading = false;
    bool mutex_held = false;  ///< by a mutex: nobody may be let in

    const share_holder* holder(std::string_view id) const;
    const share_waiter* waiter(std::string_view id) const;
    std::uint64_t in_use() const;
    /// Whether the waiter could be let in beside the holders.
    bool fits(const share_waiter& who) const;
};

/// `prefix`: what the names of side keys begin with.
share_view shares_at(store_process& in, const std::string& name, std::string_view prefix);

}  // namespace holdfast::sim
