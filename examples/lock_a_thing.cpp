// Locks a name from threads: `std::unique_lock` over a mutex that the whole fleet shares.
//
// Usage: lock_a_thing [STORE_URL]     (default: memory:, which only this process sees)
#include "client/open_store.hpp"
#include "holdfast/client.hpp"
#include "holdfast/mutex.hpp"
#include "runtime/asio_runtime.hpp"

#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
    using namespace std::chrono_literals;
    const holdfast::logger log(holdfast::log_level::warn, holdfast::log_format::text);
    std::string why;
    auto source = holdfast::store_source::open({.url = argc > 1 ? argv[1] : "memory:"}, log, why);
    if (!source) {
        std::fprintf(stderr, "%s\n", why.c_str());
        return 75;
    }
    holdfast::client agree(
        [&](holdfast::runtime& rt) { return (*source)->attach(rt, holdfast::null_journal()); });

    int balance = 0;  // stands for something outside this process
    {
        std::vector<std::jthread> clerks;
        for (int i = 0; i < 4; ++i)
            clerks.emplace_back([&] {
                holdfast::mutex turn(agree, holdfast::lock_name("accounts"),
                                     holdfast::lease_ttl(10s));
                for (int n = 0; n < 25; ++n) {
                    const std::unique_lock held(turn);
                    // Write only with the token, and let the resource refuse older ones.
                    if (turn.fence() > holdfast::fencing_token{}) ++balance;
                }
            });
    }
    agree.close();
    std::printf("100 turns, balance %d\n", balance);
    return balance == 100 ? 0 : 1;
}
