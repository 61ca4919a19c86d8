// Many locks held and kept alive by one process:
// `bench_held_locks PORT COUNT TTL_SECONDS SPAN_SECONDS` prints "LOST EXTENSIONS CPU MARGIN":
// leases lost, extensions a second, the share of one core that this process used, and the least
// part of a ttl that was left at an extension.
#include "holdfast/locker.hpp"
#include "store/redis/redis_store.hpp"
#include "timed.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <vector>

namespace holdfast::bench {
namespace {

struct counted final : journal {
    void record(const event& happened) override {
        if (happened.kind == event_kind::lease_lost) ++lost;
        if (happened.kind == event_kind::lease_extended) ++extended;
    }
    long lost = 0;
    long extended = 0;
};

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds_of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

struct holder {
    holder(asio_runtime& on, store& in, lease_ttl span)
        : rt(on), locks(on, in, events), ttl(span) {}

    /// Takes every `step`-th lock from `first`, and keeps them.
    task<void> take(int first, int step, int count) {
        for (int i = first; i < count && !failed; i += step) {
            const lock_name name("bench:held:" + std::to_string(i));
            auto got = co_await locks.try_acquire(name, ttl);
            if (!got) {
                failed = true;
                break;
            }
            keep_options options;
            auto end = std::make_shared<steady_time>(got->valid_until());
            options.on_extended = [this, end](steady_time next) {
                least = std::min(least, *end - rt.now());
                *end = next;
            };
            kept.push_back(locks.keep(std::move(*got), options));
        }
        --taking;
    }

    asio_runtime& rt;
    counted events;
    locker locks;
    lease_ttl ttl;
    std::vector<scoped_lease> kept;
    nanoseconds least = hours{1};
    int taking = 0;
    bool failed = false;
};

int hold(int port, int count, lease_ttl ttl, nanoseconds span) {
    boost::asio::io_context context(1);
    asio_runtime rt(context);
    redis_store in(rt, null_journal(), logger(log_level::warn, log_format::text),
                   parse_redis_url("redis://127.0.0.1:" + std::to_string(port)).value());
    holder one(rt, in, ttl);
    one.taking = 256;
    for (int i = 0; i < 256; ++i)
        boost::asio::co_spawn(context, one.take(i, 256, count), boost::asio::detached);
    while (one.taking > 0) context.run_one();
    if (one.failed) return fail("cannot take the locks");
    const auto begun = rt.now();
    const auto cpu = cpu_seconds();
    const auto before = one.events.extended;
    while (rt.now() - begun < span) context.run_one();
    const auto took = to_seconds(rt.now() - begun);
    std::printf("%ld %.0f %.2f %.2f\n", one.events.lost,
                static_cast<double>(one.events.extended - before) / took,
                (cpu_seconds() - cpu) / took, to_seconds(one.least) / to_seconds(ttl.span()));
    return one.events.lost == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace holdfast::bench

int main(int count, char** words) {
    using namespace holdfast;
    if (count != 5)
        return bench::fail("usage: bench_held_locks PORT COUNT TTL_SECONDS SPAN_SECONDS");
    const auto number = [&](int i) { return std::atoi(words[i]); };
    return bench::hold(number(1), number(2), lease_ttl(seconds{number(3)}), seconds{number(4)});
}
