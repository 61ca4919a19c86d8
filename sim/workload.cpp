// Processes and their nodes.
#include "sim/workload.hpp"

#include <algorithm>

namespace holdfast::sim {

node& workload::host_of(const process& who) const { return static_cast<node&>(who.rt); }

bool workload::alive(const process& who) const {
    const auto& host = host_of(who);
    return !host.crashed() && host.incarnation() == who.incarnation;
}

// In naps: when the fleet is healed the rest is over.
task<void> workload::until_busy(process& self) const {
    while (home.quiet()) {
        const auto next = nanoseconds{hours{1}} - now().time_since_epoch() % hours{1};
        const auto nap = std::min(next, nanoseconds{minutes{2}});
        co_await self.rt.sleep_until(self.rt.now() + nap);
    }
}

}  // namespace holdfast::sim
