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

#include <algorithm>
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

    task<void> one_lock(std::string lock, int turns) {
        const lock_name name(lock);
        const lease_ttl ttl(seconds{20});
        for (int turn = 0; turn < turns; ++turn) {
            auto held = co_await locks_.acquire(name, ttl);
            if (!held) {
                ADD_FAILURE() << held.error().message();
                break;
            }
            co_await hand_over(name, std::move(*held));
        }
        --left_;
    }

    // The waiter's request is on the wire before the release, so the release hands over to it.
    task<void> hand_over(const lock_name& name, lease held) {
        waiter next;
        auto done = [&next](error_code ec, lease got) {
            next.ended = ec;
            next.got = std::move(got);
        };
        locks_.async_acquire(
            name, lease_ttl(seconds{20}),
            boost::asio::bind_cancellation_slot(next.cancel.slot(), std::move(done)));
        const auto moment = moment_of_cancelling();
        bool released = false;
        locks_.async_release(std::move(held), [&released](error_code, bool) { released = true; });
        co_await world_.runtime.sleep_until(moment);
        next.cancel.emit(boost::asio::cancellation_type::terminal);
        while (!next.ended || !released) co_await yield();
        met(*next.ended);
        if (!*next.ended) (void)co_await locks_.release(std::move(next.got));
    }

    // From the sending of the release up to twice the time after which, so far, as many waiters
    // were granted as were cancelled: that is found, not assumed, so it holds at any speed.
    steady_time moment_of_cancelling() {
        std::uniform_real_distribution<double> part(0, 2);
        return world_.runtime.now() + nanoseconds{static_cast<std::int64_t>(
                                          static_cast<double>(even_.count()) * part(random_))};
    }

    void met(error_code ended) {
        ++(ended ? cancelled : granted);
        even_ = std::max(nanoseconds{microseconds{1}}, ended ? even_ * 20 / 19 : even_ * 19 / 20);
    }

    task<void> yield() {
        return world_.runtime.sleep_until(world_.runtime.now() + microseconds{20});
    }

    real_world world_;
    redis_store store_;
    locker locks_{world_.runtime, store_};
    std::mt19937_64 random_{20261122};
    nanoseconds even_{microseconds{200}};
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
