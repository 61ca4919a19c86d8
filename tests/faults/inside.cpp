// What `holdfast run` starts in the fault tests: says that it is inside until it is killed.
//
// fault_inside SOCKET WHO [SPAN_MS]
//   SIGTERM is ignored: only SIGKILL, or the end of the span, ends it.
#include "support/referee.hpp"
#include "support/wait.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace {

using clock_type = std::chrono::steady_clock;

int stay(int argc, char** argv) {
    holdfast::test::referee_line line(argv[1], argv[2]);
    const std::string lock = std::getenv("HOLDFAST_LOCK");
    const auto fence = std::stoull(std::getenv("HOLDFAST_FENCE"));
    const auto began = clock_type::now();
    const auto until = argc > 3 ? began + std::chrono::milliseconds{std::stol(argv[3])}
                                : clock_type::time_point::max();
    line.enter(lock, fence, began);
    for (auto now = began; now < until; now = clock_type::now()) {
        line.inside(lock, fence, now);
        line.write(lock, fence);
        holdfast::test::let_live(std::chrono::milliseconds{2});
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGTERM, SIG_IGN);
    if (argc < 3) return 2;
    try {
        return stay(argc, argv);
    } catch (const std::exception&) {  // the test is over
        return 1;
    }
}
