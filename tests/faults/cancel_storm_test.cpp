// Waiters that are cancelled at the very moment they are granted, thousands of times.
#include "holdfast/locker.hpp"
#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"
#include "support/redis_wire.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace holdfast::test {
namespace {

/// Many locks at a time over one connection, so that the grant of one is in flight while the next
/// is being cancelled.
class storm {
public:
    explicit storm(unsigned short port)
        : store_(world_.runtime, null_journal(), logger(log_level::off, log_format::text),
                 parse_redis_url("redis://127.0.0.1:" + std::to_string(port)).value()) {
        world_.run(store_.start()).value();
    }

    void rage(int locks, int turns_each) {
        left_ = locks;
        for (int i = 0; i < locks; ++i)
            boost::asio::co_spawn(world_.context, one_lock("n" + std::to_string(i), turns_each),
                                  boost::asio::detached);
        world_.context.restart();
        while (left_ > 0) world_.context.run_one();
        world_.run(locks_.close());
    }

    int granted = 0;
    int cancelled = 0;

private:
    struct waiter {
        boost::asio::cancellation_signal cancel;
        std::optional<error_code> ended;
        lease got;
    };

    // The waiter's request is on the wire before the release, so the release hands over to it.
    task<void> one_lock(std::string lock, int turns) {
        const lock_name name(lock);
        const lease_ttl ttl(seconds{20});
        for (int turn = 0; turn < turns; ++turn) {
            auto held = co_await locks_.acquire(name, ttl);
            if (!held) {
                ADD_FAILURE() << held.error().message();
                break;
            }
            waiter next;
            auto done = [&next](error_code ec, lease got) {
                next.ended = ec;
                next.got = std::move(got);
            };
            locks_.async_acquire(
                name, ttl,
                boost::asio::bind_cancellation_slot(next.cancel.slot(), std::move(done)));
            (void)co_await locks_.release(std::move(*held));
            const auto released = world_.runtime.now();
            const auto moment = moment_after(released, turn);
            while (world_.runtime.now() < moment && !next.ended) co_await yield();
            if (next.ended) usual_ += (world_.runtime.now() - released - usual_) / 8;
            next.cancel.emit(boost::asio::cancellation_type::terminal);
            while (!next.ended) co_await yield();
            ++(*next.ended ? cancelled : granted);
            if (!*next.ended) (void)co_await locks_.release(std::move(next.got));
        }
        --left_;
    }

    // Within 200 us of when the grant is to be expected, before or after; every 16th waiter is left
    // to its grant, from which that time is learnt.
    steady_time moment_after(steady_time released, int turn) {
        if (turn % 16 == 0) return steady_time::max();
        constexpr nanoseconds window = microseconds{200};
        const auto within = static_cast<std::uint64_t>(2 * window.count()) + 1;
        return released + usual_ - window + nanoseconds{random_() % within};
    }

    task<void> yield() {
        return world_.runtime.sleep_until(world_.runtime.now() + microseconds{20});
    }

    real_world world_;
    redis_store store_;
    locker locks_{world_.runtime, store_};
    std::mt19937_64 random_{20261122};
    nanoseconds usual_{microseconds{200}};
    int left_ = 0;
};

// HOLDFAST_CANCELS=10000 runs a short form.
TEST(cancel_storm, leaks_no_lock_and_loses_no_grant) {
    const char* wanted = std::getenv("HOLDFAST_CANCELS");
    constexpr int locks = 20;
    const int turns = (wanted != nullptr ? std::atoi(wanted) : 100'000) / locks;
    redis_server redis;
    storm all(redis.port());
    all.rage(locks, turns);
    EXPECT_EQ(all.granted + all.cancelled, locks * turns);
    // Both outcomes were really met.
    EXPECT_GT(all.granted, locks * turns / 20);
    EXPECT_GT(all.cancelled, locks * turns / 20);
    redis_wire wire(redis.port());
    for (int i = 0; i < locks; ++i) {
        const auto name = "n" + std::to_string(i);
        EXPECT_EQ(wire.ask({"EXISTS", name, "hf:q:{" + name + "}:" + name,
                            "hf:m:{" + name + "}:" + name}),
                  "0")
            << name;
    }
}

}  // namespace
}  // namespace holdfast::test
