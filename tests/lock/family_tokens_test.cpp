// Every operation of the family through completion tokens: callbacks, futures, deferred, cancelled.
#include "holdfast/barrier.hpp"
#include "holdfast/cohort.hpp"
#include "holdfast/election.hpp"
#include "holdfast/latch.hpp"
#include "holdfast/multi_lock.hpp"
#include "holdfast/recursive_mutex.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"
#include "lock/one_node.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <thread>

namespace holdfast::test {
namespace {

namespace asio = boost::asio;

constexpr auto never = steady_time::max();

/// What a callback was told.
template <class T>
struct told {
    std::optional<error_code> code;
    T value{};
    auto handler() {
        return [this](error_code ec, T got) {
            code = ec;
            value = std::move(got);
        };
    }
};

class family_tokens : public testing::Test, protected one_node {
protected:
    template <class T, class Start>
    told<T> ask(Start start) {
        told<T> answer;
        start(answer.handler());
        until([&] { return answer.code.has_value(); });
        return answer;
    }
    /// The value of an operation that succeeds.
    template <class T, class Start>
    T get(Start start) {
        auto answer = ask<T>(std::move(start));
        EXPECT_EQ(*answer.code, error_code());
        return std::move(answer.value);
    }
    template <class Holds>
    void until(Holds holds) {
        const auto limit = world.runtime.now() + seconds{20};
        world.context.restart();
        while (!holds() && world.runtime.now() < limit) world.context.run_one_for(seconds{1});
        EXPECT_TRUE(holds());
    }
    steady_time soon() { return world.runtime.now() + milliseconds{20}; }
};

TEST_F(family_tokens, of_the_locker_itself) {
    const auto take = [&](auto token) { locks.async_try_acquire(n, ttl, token); };
    auto held = get<lease>(take);
    EXPECT_EQ(ask<lease>(take).code, errc::busy);
    held = get<lease>([&](auto token) { locks.async_extend(held, token); });
    EXPECT_TRUE(held.valid(locks.now()));
    acquire_options hasty;
    hasty.give_up_at = soon();
    const auto wait = [&](auto token) { locks.async_acquire(n, ttl, hasty, token); };
    EXPECT_EQ(ask<lease>(wait).code, errc::timed_out);
    EXPECT_TRUE(get<bool>([&](auto token) { locks.async_request_revoke(n, token); }));
    held = get<lease>([&](auto token) { locks.async_accept(lease_offer(held), token); });
    const auto bar = get<fencing_token>([&](auto token) { locks.async_force_break(n, token); });
    EXPECT_GT(bar, held.fence());
    EXPECT_FALSE(get<bool>([&](auto token) { locks.async_release(held, token); }));
    auto kept = locks.keep(get<lease>(take));
    EXPECT_TRUE(get<bool>([&](auto token) { kept.async_release(token); }));
    const auto seen = [&](auto token) { async_answer(locks.executor(), locks.inspect(n), token); };
    EXPECT_FALSE(get<lock_info>(seen).held);
}

TEST_F(family_tokens, of_a_recursive_mutex) {
    async_recursive_mutex owner(locks, n, ttl);
    const auto first = get<fencing_token>([&](auto token) { owner.async_lock(never, token); });
    EXPECT_EQ(get<fencing_token>([&](auto token) { owner.async_try_lock(token); }), first);
    async_recursive_mutex other(locks, n, ttl);
    EXPECT_EQ(ask<fencing_token>([&](auto token) { other.async_try_lock(token); }).code,
              errc::busy);
    for (const bool held : {true, true, false})
        EXPECT_EQ(get<bool>([&](auto token) { owner.async_unlock(token); }), held);
}

TEST_F(family_tokens, of_a_reader_writer_lock) {
    async_rw_lock lock(locks, n, ttl);
    const auto take = [&](rw_mode mode) {
        return get<lease>([&](auto token) { lock.async_try_acquire(mode, token); });
    };
    const auto give = [&](const lease& held) {
        return get<bool>([&](auto token) { locks.async_release(held, token); });
    };
    const auto reader = take(rw_mode::read);
    const auto plan =
        get<lease>([&](auto token) { lock.async_acquire(rw_mode::intent, never, token); });
    const auto step = [&](auto token) { lock.async_upgrade(plan, soon(), token); };
    EXPECT_EQ(ask<lease>(step).code, errc::timed_out);
    EXPECT_TRUE(give(reader));
    const auto writer = get<lease>(step);
    EXPECT_TRUE(get<bool>([&](auto token) { lock.async_downgrade(writer, rw_mode::read, token); }));
    EXPECT_TRUE(give(writer));
    const auto alone = get<lease>([&](auto token) { locks.async_try_acquire(n, ttl, token); });
    EXPECT_TRUE(give(get<lease>([&](auto token) { lock.async_share(alone, token); })));
}

TEST_F(family_tokens, of_a_semaphore) {
    async_semaphore pool(locks, n, ttl);
    EXPECT_TRUE(get<bool>([&](auto token) { pool.async_set_capacity(permits(3), token); }));
    const auto one = get<lease>([&](auto token) { pool.async_acquire(permits(1), never, token); });
    const auto rest = get<drained_permits>([&](auto token) { pool.async_drain(token); });
    EXPECT_EQ(rest.count, 2U);
    const auto take = [&](auto token) { pool.async_try_acquire(permits(1), token); };
    EXPECT_EQ(ask<lease>(take).code, errc::busy);
    EXPECT_TRUE(get<bool>([&](auto token) { pool.async_release(one.owner(), token); }));
    EXPECT_TRUE(get<lease>(take).holds_something());
}

TEST_F(family_tokens, of_several_locks) {
    async_multi_lock both(locks, lock_names({lock_name("x"), lock_name("y")}), ttl);
    const auto held = get<multi_lease>([&](auto token) { both.async_acquire(never, token); });
    const auto again = ask<multi_lease>([&](auto token) { both.async_try_acquire(token); });
    EXPECT_EQ(again.code, errc::busy);
    EXPECT_FALSE(again.value.holds_something());
    EXPECT_TRUE(get<bool>([&](auto token) { locks.async_release(held.whole(), token); }));
}

TEST_F(family_tokens, of_a_latch_and_a_barrier) {
    async_latch gate(locks, n);
    EXPECT_TRUE(get<bool>([&](auto token) { gate.async_create(1, ttl, token); }));
    EXPECT_FALSE(get<bool>([&](auto token) { gate.async_is_open(token); }));
    told<bool> waiting;
    gate.async_wait(never, waiting.handler());
    const latch_token mine("mine");
    EXPECT_EQ(get<std::int64_t>([&](auto token) { gate.async_count_down(mine, token); }), 0);
    until([&] { return waiting.code == error_code(); });
    async_barrier round(locks, lock_name("b"), 2, ttl);
    told<std::uint64_t> first;
    round.async_arrive(never, first.handler());
    EXPECT_EQ(get<std::uint64_t>([&](auto token) { round.async_arrive(never, token); }), 1U);
    until([&] { return first.code == error_code(); });
}

TEST_F(family_tokens, of_an_election) {
    async_election office(locks, n, ttl);
    const leader_value a("a"), b("b");
    auto lead = get<lease>([&](auto token) { office.async_campaign(a, never, token); });
    EXPECT_EQ(ask<lease>([&](auto token) { office.async_try_campaign(b, token); }).code,
              errc::busy);
    EXPECT_TRUE(get<bool>([&](auto token) { office.async_proclaim(lead, b, token); }));
    const auto look = [&](auto token) { office.async_current(token); };
    EXPECT_EQ(get<leader>(look)->value, "b");
    EXPECT_TRUE(get<bool>([&](auto token) { office.async_resign(lead, token); }));
    EXPECT_FALSE(get<leader>(look));
    election_observer watch(locks, n);
    EXPECT_FALSE(get<leader>([&](auto token) { watch.async_next(never, token); }));
}

TEST_F(family_tokens, of_a_cohort) {
    cohort ours(locks, n, ttl);
    auto first = get<cohort_turn>([&](auto token) { ours.async_acquire(never, token); });
    told<cohort_turn> second;
    ours.async_acquire(never, second.handler());
    EXPECT_EQ(ask<cohort_turn>([&](auto token) { ours.async_acquire(soon(), token); }).code,
              errc::timed_out);
    EXPECT_FALSE(second.code);
    const auto fence = first.fence();
    first = cohort_turn();
    until([&] { return second.code == error_code(); });
    EXPECT_GT(second.value.fence(), fence);
}

TEST_F(family_tokens, deferred_asks_nothing_before_it_is_started) {
    async_semaphore pool(locks, n, ttl, permits(1));
    auto later = pool.async_try_acquire(permits(1), asio::deferred);
    world.context.poll();
    EXPECT_EQ(get<lock_info>([&](auto token) {
                  async_answer(locks.executor(), locks.inspect(n), token);
              }).fence,
              fencing_token());
    EXPECT_TRUE(get<lease>([&](auto token) { std::move(later)(token); }).holds_something());
}

// From another thread, as use_future is meant for.
TEST_F(family_tokens, use_future_gives_values_and_throws_failures) {
    auto keep_running = asio::make_work_guard(world.context);
    std::jthread loop([&] { world.context.run(); });
    cohort ours(locks, lock_name("c"), ttl);
    const auto on_loop = [&](auto start) {
        return asio::post(world.context, asio::use_future(start)).get();
    };
    const auto asked = [&](steady_time until) {
        return on_loop([&, until] { return ours.async_acquire(until, asio::use_future); });
    };
    auto turn = asked(never).get();
    EXPECT_TRUE(turn.holds_something());
    EXPECT_THROW((void)asked(steady_time{}).get(), boost::system::system_error);
    async_latch gate(locks, n);
    auto missing = on_loop([&] { return gate.async_wait(never, asio::use_future); });
    EXPECT_THROW((void)missing.get(), boost::system::system_error);
    keep_running.reset();
    world.context.stop();
}

// Emitted at once, within the loop and outside it, and later; of any type.
TEST_F(family_tokens, cancellation_by_a_slot_ends_every_wait) {
    using asio::cancellation_type;
    const auto held = get<lease>([&](auto token) { locks.async_try_acquire(n, ttl, token); });
    async_latch gate(locks, lock_name("g"));
    EXPECT_TRUE(get<bool>([&](auto token) { gate.async_create(1, ttl, token); }));
    async_rw_lock shared(locks, lock_name("r"), ttl);
    const auto reader = [&](auto token) { shared.async_try_acquire(rw_mode::read, token); };
    (void)get<lease>(reader);
    cohort ours(locks, n, ttl);
    async_multi_lock both(locks, lock_names({n, lock_name("m")}), ttl);
    async_barrier round(locks, lock_name("b"), 2, ttl);
    election_observer watch(locks, lock_name("e"));
    (void)get<leader>([&](auto token) { watch.async_next(never, token); });
    async_recursive_mutex owner(locks, n, ttl);
    using start = std::function<void(std::function<void(error_code)>, asio::cancellation_slot)>;
    const auto with = [](auto go) {
        return start([go](std::function<void(error_code)> done, asio::cancellation_slot slot) {
            auto handler = [done](error_code ec, auto&&) { done(ec); };
            go(asio::bind_cancellation_slot(slot, handler));
        });
    };
    const std::vector<start> waits{
        with([&](auto token) { locks.async_acquire(n, ttl, never, token); }),
        with([&](auto token) { gate.async_wait(never, token); }),
        with([&](auto token) { shared.async_acquire(rw_mode::write, never, token); }),
        with([&](auto token) { ours.async_acquire(never, token); }),
        with([&](auto token) { both.async_acquire(never, token); }),
        with([&](auto token) { round.async_arrive(never, token); }),
        with([&](auto token) { watch.async_next(never, token); }),
        with([&](auto token) { owner.async_lock(never, token); }),
    };
    for (std::size_t i = 0; i < waits.size(); ++i)
        for (const auto type :
             {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal})
            for (const int when : {0, 1, 2}) {
                error_code code = errc::internal;
                asio::cancellation_signal signal;
                const auto go = [&] {
                    waits[i]([&](error_code ec) { code = ec; }, signal.slot());
                    if (when < 2) signal.emit(type);
                };
                if (when == 0) asio::post(world.context, go);
                if (when != 0) go();
                if (when == 2) {
                    for (int steps = 0; steps < 20; ++steps) world.context.poll_one();
                    signal.emit(type);
                }
                until([&] { return code != errc::internal; });
                EXPECT_EQ(code, errc::cancelled) << i << " " << when;
            }
    EXPECT_TRUE(get<bool>([&](auto token) { locks.async_release(held, token); }));
}

}  // namespace
}  // namespace holdfast::test
