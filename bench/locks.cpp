// Uncontended acquire and release: `bench_locks MODE PORT SECONDS` prints pairs a second.
// Modes: one, many (500 in flight on one connection): the locker on the Redis store; one-store,
// many-store: the store alone with the same scripts; one-bare, many-bare: hiredis.
#include "bare_pairs.hpp"
#include "holdfast/locker.hpp"
#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"
#include "loops.hpp"
#include "store/redis/redis_store.hpp"

#include <cstring>

namespace holdfast::bench {
namespace {

task<void> lock_and_unlock(loops& counter, locker& locks, int number) {
    const lock_name name("bench:lock:" + std::to_string(number));
    const lease_ttl ttl(milliseconds{30000});
    while (!counter.ended) {
        auto held = co_await locks.try_acquire(name, ttl);
        result<bool> released = false;
        if (held) released = co_await locks.release(std::move(*held));
        if (!held || !released)
            counter.failed = counter.ended = true;
        else
            ++counter.done;
    }
}

task<void> run_both(loops& counter, store& on, int number) {
    const lock_name name("bench:store:" + std::to_string(number));
    const auto owner = owner_id::random(counter.rt).str();
    const auto who = "bench-host/12345|" + on.process_channel();
    while (!counter.ended) {
        script_args wanted(owner, 30000, owner + "|30000|" + who, "-", 0, "0", 3000, "0");
        auto taken = co_await on.run(scripts::lock::acquire, all_keys_of(name, on.prefix()),
                                     std::move(wanted));
        script_args given(owner, 0, "0", 3000, 0);
        auto back = co_await on.run(scripts::lock::release, all_keys_of(name, on.prefix()),
                                    std::move(given));
        if (!taken || !back || back->as_integer() != 1)
            counter.failed = counter.ended = true;
        else
            ++counter.done;
    }
}

double measure(const std::string& mode, int port, nanoseconds span) {
    boost::asio::io_context context(1);
    asio_runtime rt(context);
    const int in_flight = mode.starts_with("many") ? 500 : 1;
    if (mode.ends_with("-bare")) return bare_pairs(rt, port, in_flight, span);
    redis_store on(rt, null_journal(), logger(log_level::warn, log_format::text),
                   parse_redis_url("redis://127.0.0.1:" + std::to_string(port)).value());
    loops counter(rt);
    if (mode.ends_with("-store"))
        return run_loops(context, counter, in_flight, span,
                         [&](int i) { return run_both(counter, on, i); });
    locker locks(rt, on);
    return run_loops(context, counter, in_flight, span,
                     [&](int i) { return lock_and_unlock(counter, locks, i); });
}

}  // namespace
}  // namespace holdfast::bench

int main(int count, char** words) {
    using namespace holdfast;
    if (count != 4) return bench::fail("usage: bench_locks MODE PORT SECONDS");
    const auto span = nanoseconds(static_cast<std::int64_t>(std::atof(words[3]) * 1e9));
    const double pairs = bench::measure(words[1], std::atoi(words[2]), span);
    if (pairs == 0) return bench::fail(std::string("no result for ") + words[1]);
    std::printf("%.0f\n", pairs);
}
