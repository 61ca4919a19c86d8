// Two processes with threads, as far as the blocking faces of a lock can tell.
#pragma once

#include "holdfast/client.hpp"
#include "store/embedded/embedded_store.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace holdfast {

struct two_clients {
    std::shared_ptr<embedded::embedded_engine> engine =
        std::make_shared<embedded::embedded_engine>();
    store_factory open = [engine = engine](runtime& rt) -> std::unique_ptr<store> {
        return std::make_unique<embedded_store>(rt, engine, "hf:");
    };
    client one{open};
    client two{open};
};

/// Three threads of each side take `rounds` turns: one at a time, with fences that rise.
template <class Mutex>
void expect_turns(Mutex& first, Mutex& second, int rounds) {
    int counter = 0;
    fencing_token last;
    auto work = [&](Mutex& m) {
        for (int i = 0; i < rounds; ++i) {
            const std::unique_lock lock(m);
            EXPECT_GT(m.fence(), last);
            last = m.fence();
            ++counter;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i)
            threads.emplace_back([&, i] { work(i % 2 == 0 ? first : second); });
    }
    EXPECT_EQ(counter, 6 * rounds);
}

}  // namespace holdfast
