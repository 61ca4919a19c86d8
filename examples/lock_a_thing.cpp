// Locks a name from threads: `std::unique_lock` over a mutex that the whole fleet shares.
//
// Usage: lock_a_thing [STORE_URL]     (default: memory:, which only this process sees)
#include "holdfast/mutex.hpp"
#include "holdfast/open.hpp"

#include <chrono>
#include <cstdio>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

int balance = 0;  // stands for something outside this process
void write_with(holdfast::fencing_token fence) { balance += fence > holdfast::fencing_token{}; }
void watch(const std::stop_token& lost) { balance -= lost.stop_requested(); }

void take_turns(holdfast::client& agree, int turns) {
    for (int n = 0; n < turns; ++n) {
        holdfast::mutex turn(agree, holdfast::lock_name("accounts"), holdfast::lease_ttl(10s));

        const std::unique_lock held(turn);  // works like a std::timed_mutex, for the whole fleet
        write_with(turn.fence());           // the resource refuses older tokens
        watch(turn.lost());  // a std::stop_token: fires before somebody else may get in
    }
}

}  // namespace

int main(int argc, char** argv) {
    holdfast::client agree(holdfast::store_at(argc > 1 ? argv[1] : "memory:"));
    {
        std::vector<std::jthread> clerks;
        for (int i = 0; i < 4; ++i) clerks.emplace_back([&] { take_turns(agree, 25); });
    }
    agree.close();
    std::printf("100 turns, balance %d\n", balance);
    return balance == 100 ? 0 : 1;
}
