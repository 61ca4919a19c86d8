// Our lock, by clients that share nothing but the thread.
#include "contended/contest.hpp"
#include "holdfast/locker.hpp"
#include "runtime/asio_runtime.hpp"
#include "store/redis/redis_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <cstdlib>
#include <deque>
#include <stdexcept>

namespace holdfast::bench {
namespace {

struct lock_client {
    lock_client(asio_runtime& rt, const redis_options& where)
        : st(rt, null_journal(), logger(log_level::warn, log_format::text), where.clone()),
          locks(rt, st) {}
    redis_store st;
    locker locks;
};

task<void> take_turns(contest& all, asio_runtime& rt, locker& locks, unsigned number,
                      microseconds hold) {
    const lock_name name("bench:contended");
    const lease_ttl ttl(seconds{30});
    while (true) {
        all.asked(number);
        auto held = co_await locks.acquire(name, ttl);
        if (!held) throw boost::system::system_error(held.error(), "acquire");
        all.got(number);
        if (hold.count() > 0) co_await rt.sleep_until(rt.now() + hold);
        const auto released = co_await locks.release(std::move(*held));
        if (!released) throw boost::system::system_error(released.error(), "release");
    }
}

task<void> run_contest(asio_runtime& rt, std::deque<lock_client>& clients, contest_plan plan) {
    for (auto& client : clients) {
        const auto started = co_await client.st.start();
        if (!started) throw std::runtime_error(client.st.problem());
    }
    contest all(rt, plan);
    all.start("holdfast");
    for (unsigned i = 0; i < clients.size(); ++i) {
        auto turns = take_turns(all, rt, clients[i].locks, i, plan.hold);
        boost::asio::co_spawn(rt.executor(), std::move(turns), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }
    co_await rt.sleep_until(all.warm_until());
    all.begin();
    co_await rt.sleep_until(all.ends_at());
    all.end();
    std::_Exit(EXIT_SUCCESS);  // in the middle of it, as a crash would
}

}  // namespace

void contend_with_lockers(const contest_plan& plan) {
    boost::asio::io_context context(1);
    asio_runtime rt(context);
    const auto where = parse_redis_url("redis://127.0.0.1:" + std::to_string(plan.port)).value();
    std::deque<lock_client> clients;
    for (unsigned i = 0; i < plan.clients; ++i) clients.emplace_back(rt, where);
    auto whole = run_contest(rt, clients, plan);
    boost::asio::co_spawn(context, std::move(whole), [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    });
    context.run();
}

}  // namespace holdfast::bench
