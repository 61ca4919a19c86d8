// Processes and their nodes.
#include "sim/workload.hpp"

namespace holdfast::sim {

node& workload::host_of(const process& who) const { return static_cast<node&>(who.rt); }

bool workload::alive(const process& who) const {
    const auto& host = host_of(who);
    return !host.crashed() && host.incarnation() == who.incarnation;
}

}  // namespace holdfast::sim
