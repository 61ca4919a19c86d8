// A map with the least recently used entry dropped first.
#include "lock/fence_floors.hpp"

#include <algorithm>
#include "base/mutant.hpp"

namespace holdfast {

fence_floors::floor fence_floors::of(const lock_name& name, std::uint64_t epoch) const {
    if (mutant("fence-floor-forgotten")) return {{}, false};
    const auto found = by_name_.find(name.str());
    if (found == by_name_.end()) return {};
    const auto& known = *found->second;
    return {known.highest, !known.trusted || known.epoch != epoch};
}

void fence_floors::learn(const lock_name& name, std::uint64_t epoch, fencing_token fence) {
    const auto found = by_name_.find(name.str());
    if (found != by_name_.end()) {
        auto& known = *found->second;
        known.highest = std::max(known.highest, fence);
        known.epoch = epoch;
        known.trusted = true;
        entries_.splice(entries_.begin(), entries_, found->second);
        return;
    }
    entries_.push_front({name.str(), fence, epoch, true});
    by_name_.emplace(entries_.front().name, entries_.begin());
    if (entries_.size() <= capacity_) return;
    by_name_.erase(entries_.back().name);
    entries_.pop_back();
}

void fence_floors::distrust(const lock_name& name) {
    const auto found = by_name_.find(name.str());
    if (found != by_name_.end()) found->second->trusted = false;
}

}  // namespace holdfast
