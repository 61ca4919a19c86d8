// What docs/guarantees.md 2 says of fences.
#include "sim/lock/fence_ledger.hpp"

#include <algorithm>

namespace holdfast::sim {

// Only after a loss of data, with a clock that is behind what it showed before.
bool fence_ledger::may_restart() const {
    const auto clock = server_.clock().time_since_epoch().count();
    return losses_ != server_.losses() && static_cast<std::uint64_t>(clock) <= highest_;
}

void fence_ledger::restart() {
    judge_.mark("lock: fences restarted, the store's clock was behind");
    written_ = 0;
    void_below_ = std::max(void_below_, highest_);
}

void fence_ledger::granted(std::uint64_t fence) {
    if (fence <= highest_ && !may_restart())
        judge_.fail("fence", name_ + ": " + std::to_string(fence) + " was granted after " +
                                 std::to_string(highest_));
    if (fence <= highest_) restart();
    highest_ = fence;
    losses_ = server_.losses();
}

void fence_ledger::back_again() {
    if (may_restart()) restart();
}

bool fence_ledger::write(std::uint64_t fence, const std::string& owner) {
    if (fence < written_) {
        judge_.mark("lock: stale write refused");
        return false;
    }
    if (fence == written_ && owner != written_by_ && fence > void_below_)
        judge_.fail("fence", name_ + ": two holders were given " + std::to_string(fence));
    written_ = fence;
    written_by_ = owner;
    return true;
}

}  // namespace holdfast::sim
