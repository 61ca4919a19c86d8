// What firing costs; prints one line.
//   bench_firings claims|claims-bare PORT SECONDS: claims with their completions a second, 500 jobs
//     in flight on one connection
//   bench_firings fleet PORT SECONDS INSTANCES: a fleet with 20 jobs that fire every second.
//     "CLAIMS P50 P99 MAX": claim scripts for each fire time, and how many milliseconds after it
//     the work began
//   bench_firings crowd JOBS: "BYTES SECONDS": memory of each job in one scheduler, and how long
//     taking them all over takes
#include "firings/firings.hpp"
#include "holdfast/schedule.hpp"
#include "loops.hpp"
#include "schedule/job_store.hpp"
#include "store/embedded/embedded_store.hpp"
#include "store/redis/redis_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace holdfast::bench {
namespace {

redis_options redis_at(int port) {
    return parse_redis_url("redis://127.0.0.1:" + std::to_string(port)).value();
}
const logger quiet(log_level::warn, log_format::text);

struct firings : loops {
    using loops::loops;
    const std::string name = "bench:" + owner_id::random(rt).str() + ":";  // of this run's jobs
};

task<void> fire(firings& all, store& on, int number) {
    schedule::job_store job(on, job_name(all.name + std::to_string(number)));
    schedule::registration_request wanted{"* * * * * *", "bench", 0, "node"};
    wanted.floor = from_unix_ms(1);
    wanted.max_skew = seconds{2};
    const auto enrolled = co_await job.enrol(wanted);
    all.failed |= !enrolled;
    auto at = from_unix_ms(first_fire_time_ms);
    while (!all.ended && !all.failed) {
        at += milliseconds{1};
        schedule::claim_request claim;
        claim.fire_time = at;
        claim.token = owner_id::random(all.rt).str();
        claim.node = "node";
        claim.lease = seconds{30};
        claim.caller_now = all.rt.wall_now();
        claim.max_skew = seconds{2};
        claim.generation = enrolled->generation;
        claim.overlap = "forbid";
        claim.keep_history = 10;
        schedule::completion end;
        end.token = claim.token;
        end.fire_time = at;
        end.outcome = "ok";
        end.duration = milliseconds{1};
        end.keep_history = 10;
        const auto claimed = co_await job.claim(std::move(claim));
        const auto completed = co_await job.complete(std::move(end));
        all.failed |= !claimed || claimed->what != schedule::code::claimed || !completed ||
                      completed->what != schedule::completed::done;
        ++all.done;
    }
}

double claims(int port, int in_flight, nanoseconds span) {
    boost::asio::io_context context(1);
    asio_runtime rt(context);
    redis_store on(rt, null_journal(), quiet, redis_at(port));
    firings all(rt);
    return run_loops(context, all, in_flight, span, [&](int i) { return fire(all, on, i); });
}

/// Counts the claims that go through it.
class counting_store final : public store {
public:
    counting_store(runtime& rt, int port) : inner_(rt, null_journal(), quiet, redis_at(port)) {}
    task<result<reply>> run(const script& what, script_keys keys, script_args args) override {
        claims += what.name == "schedule/claim";
        return inner_.run(what, std::move(keys), std::move(args));
    }
    const std::string& process_channel() const noexcept override {
        return inner_.process_channel();
    }
    const std::string& fleet_channel() const noexcept override { return inner_.fleet_channel(); }
    const std::string& prefix() const noexcept override { return inner_.prefix(); }
    push_dispatcher& pushes() noexcept override { return inner_.pushes(); }
    std::uint64_t epoch() const noexcept override { return inner_.epoch(); }
    bool connected() const noexcept override { return inner_.connected(); }
    task<void> close() override { return inner_.close(); }

    long claims = 0;

private:
    redis_store inner_;
};

struct instance {
    instance(runtime& rt, int port, int number,
             std::function<task<result<void>>(job_context&)> work)
        : on(rt, port), jobs(rt, on, null_journal(), options_of(number)) {
        std::vector<job_spec> specs;
        for (int i = 0; i < 20; ++i)
            specs.emplace_back(job_name("bench:tick:" + std::to_string(i)), "* * * * * *",
                               function_work{"bench", work});
        (void)jobs.replace_jobs(std::move(specs)).value();
    }
    static scheduler_options options_of(int number) {
        scheduler_options options;
        options.node = "node" + std::to_string(number);
        return options;
    }
    counting_store on;
    scheduler jobs;
};

int fleet(int port, int size, nanoseconds span) {
    boost::asio::io_context context(1);
    asio_runtime rt(context);
    std::vector<double> late_ms;
    bool measuring = false;
    auto work = [&](job_context& run) -> task<result<void>> {
        const auto late = rt.wall_now() - run.firing().fire_time;
        if (measuring) late_ms.push_back(to_seconds(late) * 1e3);
        co_return result<void>();
    };
    std::vector<std::unique_ptr<instance>> all;
    for (int i = 0; i < size; ++i) all.push_back(std::make_unique<instance>(rt, port, i, work));
    int running = size;
    const auto ended = [&](std::exception_ptr) { --running; };
    for (auto& one : all) boost::asio::co_spawn(context, one->jobs.run(), ended);
    const auto claimed = [&] {
        long sum = 0;
        for (const auto& one : all) sum += one->on.claims;
        return sum;
    };
    const auto run_until = [&](steady_time at) {
        while (rt.now() < at) context.run_one_for(milliseconds{5});
    };
    run_until(rt.now() + seconds{4});  // all know each other
    const auto before = claimed();
    measuring = true;
    run_until(rt.now() + span);
    measuring = false;
    const auto claims = claimed() - before;
    for (auto& one : all)
        boost::asio::co_spawn(context, one->jobs.drain(seconds{1}), boost::asio::detached);
    while (running > 0) context.run_one();
    if (late_ms.empty()) return fail("nothing has fired");
    std::ranges::sort(late_ms);
    const auto part = [&](double share) {
        return late_ms[static_cast<std::size_t>(share * static_cast<double>(late_ms.size() - 1))];
    };
    std::printf("%.2f %.2f %.2f %.2f\n",
                static_cast<double>(claims) / static_cast<double>(late_ms.size()), part(0.5),
                part(0.99), late_ms.back());
    return EXIT_SUCCESS;
}

std::size_t resident_bytes() {
    std::size_t whole = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> whole >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

int crowd(int count) {
    boost::asio::io_context context(1);
    asio_runtime rt(context);
    embedded_store on(rt, std::make_shared<embedded::embedded_engine>(), "hf:");
    scheduler jobs(rt, on, null_journal(), instance::options_of(0));
    const auto work = [](job_context&) -> task<result<void>> { co_return result<void>(); };
    const auto before = resident_bytes();
    const auto begun = rt.now();
    std::vector<job_spec> specs;
    for (int i = 0; i < count; ++i)
        specs.emplace_back(job_name("bench:crowd:" + std::to_string(i)),
                           std::to_string(i % 60) + " 0 1 1 *", function_work{"bench", work});
    if (!jobs.replace_jobs(std::move(specs))) return fail("the jobs are refused");
    const auto took = to_seconds(rt.now() - begun);
    std::printf("%.0f %.2f\n", static_cast<double>(resident_bytes() - before) / count, took);
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace holdfast::bench

int main(int count, char** words) {
    using namespace holdfast;
    const std::string mode = count > 1 ? words[1] : "";
    if (mode == "crowd" && count == 3) return bench::crowd(std::atoi(words[2]));
    const bool fleet = mode == "fleet" && count == 5;
    const bool claims = (mode == "claims" || mode == "claims-bare") && count == 4;
    if (!fleet && !claims)
        return bench::fail(
            "usage: bench_firings claims|claims-bare PORT SECONDS\n"
            "       bench_firings fleet PORT SECONDS INSTANCES\n"
            "       bench_firings crowd JOBS");
    const int port = std::atoi(words[2]);
    const auto span = nanoseconds(static_cast<std::int64_t>(std::atof(words[3]) * 1e9));
    if (fleet) return bench::fleet(port, std::atoi(words[4]), span);
    constexpr int in_flight = 500;
    boost::asio::io_context context(1);
    const asio_runtime rt(context);
    const double done = mode == "claims" ? bench::claims(port, in_flight, span)
                                         : bench::bare_firings(rt, port, in_flight, span);
    if (done == 0) return bench::fail("no result for " + mode);
    std::printf("%.0f\n", done);
}
