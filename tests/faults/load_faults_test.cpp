// A machine without a moment to spare.
#include "faults/fault_world.hpp"

#include <csignal>
#include <thread>

namespace holdfast::test {
namespace {

class load_faults : public fault_world {};

// As many busy loops as there are processors take what the keeper of the leases wants as well.
TEST_F(load_faults, ten_thousand_leases_are_renewed_with_every_processor_busy) {
    constexpr seconds ttl{12};
    child_process keeper({beside("fault_keeper"), redis_.url(), referee_.path(), "keeper", "k",
                          "10000", std::to_string(milliseconds{ttl}.count())});
    referee_.await_remark("keeper", "holding");
    const auto began = now();
    std::vector<child_process> burners;
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i)
        burners.emplace_back(std::vector<std::string>{"/bin/sh", "-c", "while :; do :; done"});
    live(ttl + seconds{2});
    const auto third = std::chrono::nanoseconds(ttl) / 3;
    const auto due = static_cast<int>((now() - began) / third) - 1;  // the last may be on its way
    keeper.signal(SIGTERM);
    EXPECT_EQ(keeper.wait_code(), 0);
    for (const auto* reason : {"expired_locally", "taken_over", "broken", "erased"})
        EXPECT_FALSE(referee_.heard("keeper", "lost " + std::string(reason))) << reason;
    bool enough = false;
    for (int times = due; times < 3 * due; ++times)
        enough = enough || referee_.heard("keeper", "least " + std::to_string(times));
    EXPECT_TRUE(enough) << "some lease was extended less than " << due << " times";
    EXPECT_EQ(ask({"EXISTS", "k0", "k5000", "k9999"}), "3");
}

}  // namespace
}  // namespace holdfast::test
