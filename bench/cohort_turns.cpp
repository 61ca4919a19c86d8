// How long passing a lock on inside a process takes: `bench_cohort MODE SECONDS` prints
// microseconds a turn. Modes: coroutines; threads: four of them; semaphores: as many in a ring,
// each of which wakes the next, the limit of the latter.
#include "holdfast/cohort.hpp"

#include "store/embedded/embedded_store.hpp"
#include "timed.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

namespace holdfast::bench {
namespace {

constexpr std::size_t thread_count = 4;

struct process {
    std::shared_ptr<embedded::embedded_engine> engine =
        std::make_shared<embedded::embedded_engine>();
    client of{[engine = engine](runtime& rt) -> std::unique_ptr<store> {
        return std::make_unique<embedded_store>(rt, engine, "hf:");
    }};
    cohort_options budget{1000, milliseconds{50}};
};

/// Lets `turns` count up for a while; microseconds for each.
double watch(const std::atomic<long>& turns, nanoseconds span) {
    boost::asio::io_context context(1);
    const asio_runtime rt(context);
    const auto begun = rt.now();
    const long before = turns;
    std::this_thread::sleep_for(span);
    const auto done = static_cast<double>(turns - before);
    return to_seconds(rt.now() - begun) * 1e6 / done;
}

double coroutines(nanoseconds span) {
    process one;
    std::atomic<long> turns{0};
    std::atomic<bool> ended{false};
    auto make = [&](locker& locks) -> task<std::shared_ptr<cohort>> {
        co_return std::make_shared<cohort>(locks, lock_name("n"), lease_ttl(seconds{30}),
                                           one.budget);
    };
    const auto shared = one.of.run(make);
    auto take_turns = [&](locker&) -> task<bool> {
        while (!ended) {
            const auto turn = co_await shared->acquire();
            ++turns;
        }
        co_return true;
    };
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < thread_count; ++i)
        callers.emplace_back([&] { one.of.run(take_turns); });
    const double each = watch(turns, span);
    ended = true;
    return each;
}

double threads(nanoseconds span) {
    process one;
    cohort_mutex lock(one.of, lock_name("n"), lease_ttl(seconds{30}), one.budget);
    std::atomic<long> turns{0};
    std::atomic<bool> ended{false};
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < thread_count; ++i)
        callers.emplace_back([&] {
            while (!ended) {
                const std::lock_guard held(lock);
                ++turns;
            }
        });
    const double each = watch(turns, span);
    ended = true;
    callers.clear();
    return each;
}

double semaphores(nanoseconds span) {
    using semaphore = std::counting_semaphore<>;
    std::array<std::unique_ptr<semaphore>, thread_count> places;
    for (auto& place : places) place = std::make_unique<semaphore>(0);
    std::atomic<long> turns{0};
    std::atomic<bool> ended{false};
    std::vector<std::jthread> ring;
    for (std::size_t i = 0; i < thread_count; ++i)
        ring.emplace_back([&, i] {
            auto& next = *places[(i + 1) % thread_count];
            while (!ended) {
                places[i]->acquire();
                ++turns;
                next.release();
            }
        });
    places[0]->release();
    const double each = watch(turns, span);
    ended = true;
    for (auto& place : places) place->release();  // the one before may have ended already
    return each;
}

}  // namespace
}  // namespace holdfast::bench

int main(int count, char** words) {
    using namespace holdfast;
    if (count != 3) return bench::fail("usage: bench_cohort coroutines|threads|semaphores SECONDS");
    const auto span = nanoseconds(static_cast<std::int64_t>(std::atof(words[2]) * 1e9));
    const std::string mode = words[1];
    const double each = mode == "coroutines" ? bench::coroutines(span)
                        : mode == "threads"  ? bench::threads(span)
                                             : bench::semaphores(span);
    std::printf("%.2f\n", each);
}
