// A job in C++: every second one instance of the fleet runs it, under a fence.
//
// Usage: run_a_job [STORE_URL]     (default: memory:, a fleet of this process alone)
// Start it twice with the same redis:// URL, and each second is printed by one of the two.
#include "holdfast/open.hpp"
#include "holdfast/schedule.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <cstdio>

namespace {

using holdfast::job_context;
using holdfast::task;

/// Prints its fire times; after the third the program has seen enough.
struct tick {
    holdfast::scheduler& jobs;
    holdfast::runtime& rt;
    int seen = 0;

    task<holdfast::result<void>> run(job_context& at) {
        std::printf("%s with fence %llu\n", at.firing().key().c_str(),
                    static_cast<unsigned long long>(at.fence().value()));
        if (++seen == 3)
            boost::asio::co_spawn(rt.executor(), jobs.drain(holdfast::seconds{5}),
                                  boost::asio::detached);
        co_return holdfast::result<void>();
    }
};

}  // namespace

int main(int argc, char** argv) {
    boost::asio::io_context context;
    const auto rt = holdfast::make_runtime(context);
    const auto state = holdfast::store_at(argc > 1 ? argv[1] : "memory:")(*rt);
    holdfast::scheduler_options options;
    options.node = "example";
    holdfast::scheduler jobs(*rt, *state, holdfast::null_journal(), options);
    tick work{jobs, *rt};

    const auto call = [&work](job_context& at) { return work.run(at); };
    holdfast::job_spec every_second(holdfast::job_name("tick"), "* * * * * *",
                                    holdfast::function_work{"tick", call});
    jobs.replace_jobs({every_second}).value();
    boost::asio::co_spawn(context, jobs.run(), [&](std::exception_ptr) { context.stop(); });
    context.run();
    return work.seen == 3 ? 0 : 1;
}
