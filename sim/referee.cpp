// Findings are part of the trace: a run that fails has another hash than one that does not.
#include "sim/referee.hpp"

namespace holdfast::sim {

void referee::fail(std::string_view promise, const std::string& what) {
    world_.told().note(world_.now(), "REFEREE", promise, what);
    findings_.push_back(clock_text(world_.now()) + "  " + std::string(promise) + ": " + what);
}

}  // namespace holdfast::sim
