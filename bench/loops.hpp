// Loops that do one thing over and over, and how often a second they did it once warm.
#pragma once

#include "holdfast/time.hpp"
#include "runtime/asio_runtime.hpp"
#include "timed.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

namespace holdfast::bench {

/// What the loops of one measurement share.
struct loops {
    explicit loops(asio_runtime& on) : rt(on) {}
    asio_runtime& rt;
    double done = 0;
    double a_second = 0;
    int running = 0;
    bool failed = false;
    bool ended = false;
};

/// Lets the loops warm up and run, and ends them.
inline task<void> watch(loops& all, nanoseconds span) {
    co_await all.rt.sleep_until(all.rt.now() + span / 10);
    const auto begun = all.rt.now();
    const double before = all.done;
    co_await all.rt.sleep_until(begun + span);
    all.a_second = (all.done - before) / to_seconds(all.rt.now() - begun);
    all.ended = true;
}

/// Runs `start(number)` as often at once; how much a second, 0 when a loop failed. The context runs
/// as in any program: one call of run().
template <class Start>
double run_loops(boost::asio::io_context& context, loops& all, int in_flight, nanoseconds span,
                 Start start) {
    all.running = in_flight;
    const auto ended = [&](std::exception_ptr) {
        if (--all.running == 0) context.stop();
    };
    for (int i = 0; i < in_flight; ++i) boost::asio::co_spawn(context, start(i), ended);
    boost::asio::co_spawn(context, watch(all, span), boost::asio::detached);
    context.run();
    return all.failed ? 0 : all.a_second;
}

}  // namespace holdfast::bench
