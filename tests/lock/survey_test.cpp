// Looking at names of every kind, and taking them away from their holders.
#include "holdfast/barrier.hpp"
#include "holdfast/election.hpp"
#include "holdfast/latch.hpp"
#include "holdfast/multi_lock.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"

#include "lock/started.hpp"

#include <algorithm>
#include <map>

namespace holdfast::test {
namespace {

class surveys : public both_stores {
protected:
    async_rw_lock rw_at(process_view& who, const std::string& name) {
        return async_rw_lock(who.locks, lock_name(name), ttl);
    }
    async_semaphore semaphore_at(process_view& who, const std::string& name) {
        return async_semaphore(who.locks, lock_name(name), ttl, permits(10));
    }
    lease read(process_view& who, const std::string& name) {
        return fleet.run(rw_at(who, name).try_acquire(rw_mode::read)).value();
    }
    lease permit(process_view& who, const std::string& name, std::int64_t count) {
        return fleet.run(semaphore_at(who, name).try_acquire(permits(count))).value();
    }
    name_info see(const std::string& name) {
        return fleet.run(fleet.a->locks.inspect_any(lock_name(name))).value();
    }
    std::map<std::string, name_info> all() {
        std::map<std::string, name_info> found;
        const auto seen = fleet.run(fleet.a->locks.list_all()).value();
        for (const auto& one : seen) found.emplace(one.name, one);
        return found;
    }
    std::int64_t waiting_at(const std::string& name) {
        return static_cast<std::int64_t>(see(name).waiting());
    }
    errc break_it(const std::string& name) {
        const auto bar = fleet.run(fleet.b->locks.force_break(lock_name(name)));
        return bar ? errc{} : errc_of(bar.error());
    }
    errc break_one(const std::string& name, owner_id holder) {
        const auto bar = fleet.run(fleet.b->locks.force_break(lock_name(name), holder));
        return bar ? errc{} : errc_of(bar.error());
    }
    const lease_ttl ttl{seconds{30}};
};

TEST_P(surveys, a_list_has_every_member_of_the_family_in_it) {
    const auto mutex = fleet.take(*fleet.a, "mutex");
    async_election office(fleet.a->locks, lock_name("office"), ttl);
    const auto leader = fleet.run(office.try_campaign(leader_value("a:1"))).value();
    const auto first = read(*fleet.a, "rw"), second = read(*fleet.b, "rw");
    auto writer = start<lease>(fleet, rw_at(*fleet.b, "rw").acquire(rw_mode::write));
    const auto big = permit(*fleet.a, "semaphore", 7);
    async_latch latch(fleet.a->locks, lock_name("latch"));
    EXPECT_TRUE(fleet.run(latch.create(3)));
    EXPECT_TRUE(fleet.run(latch.count_down(latch_token("one"))));
    auto open = start<bool>(fleet, latch.wait());
    async_barrier barrier(fleet.b->locks, lock_name("barrier"), 2, ttl);
    auto passed = start<std::uint64_t>(fleet, barrier.arrive());
    fleet.until([&] { return all().size() == 6 && waiting_at("rw") == 1; });

    const auto seen = all();
    EXPECT_EQ(seen.at("mutex").kind, lock_family::mutex);
    EXPECT_EQ(seen.at("mutex").mutex.fence, mutex.fence());
    EXPECT_EQ(seen.at("office").kind, lock_family::election);
    EXPECT_EQ(seen.at("office").leader_value, "a:1");
    const auto& rw = seen.at("rw");
    EXPECT_EQ(rw.kind, lock_family::rw);
    EXPECT_EQ(rw.shares.holder_count, 2U);
    ASSERT_EQ(rw.shares.holders.size(), 2U);
    EXPECT_EQ(rw.shares.holders[0].who, fleet.look("mutex").who);
    ASSERT_EQ(rw.shares.queue.size(), 1U);
    EXPECT_EQ(rw.shares.queue[0].mode, 'w');
    const auto& semaphore = seen.at("semaphore");
    EXPECT_EQ(semaphore.kind, lock_family::semaphore);
    EXPECT_EQ(semaphore.shares.holders.at(0).weight, 7U);
    EXPECT_EQ(semaphore.shares.in_use, 7U);
    EXPECT_EQ(semaphore.shares.capacity, 10U);
    EXPECT_EQ(seen.at("latch").meeting.missing, 2U);
    EXPECT_EQ(seen.at("latch").meeting.wanted, 3U);
    EXPECT_EQ(seen.at("latch").shares.queue.at(0).who, rw.shares.holders[0].who);
    EXPECT_EQ(seen.at("barrier").meeting.missing, 1U);
    EXPECT_EQ(seen.at("barrier").meeting.generation, 1U);
    EXPECT_GT(seen.at("barrier").shares.queue.at(0).ends_in, seconds{20});
    for (auto* running : {&writer->cancel, &open->cancel, &passed->cancel})
        running->emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return writer->done() && open->done() && passed->done(); });
}

TEST_P(surveys, a_free_name_and_a_foreign_one) {
    EXPECT_EQ(see("n").kind, lock_family::none);
    EXPECT_EQ(name_of(see("n").kind), "free");
    EXPECT_FALSE(see("n").held());
    fleet.raw({"HSET", "hash", "f", "v"});
    fleet.raw({"ZADD", "zset", "1", "m"});
    fleet.raw({"SADD", "set", "m"});
    for (const auto* other : {"hash", "zset", "set"})
        EXPECT_EQ(fleet.run(fleet.a->locks.inspect_any(lock_name(other))).error(), errc::wrong_type)
            << other;
}

TEST_P(surveys, permits_of_the_dead_do_not_count_as_in_use) {
    (void)permit(*fleet.a, "n", 4);
    async_semaphore brief(fleet.b->locks, lock_name("n"), lease_ttl(milliseconds{60}));
    (void)fleet.run(brief.try_acquire(permits(5))).value();
    EXPECT_EQ(see("n").shares.in_use, 9U);
    fleet.sleep(milliseconds{80});
    EXPECT_EQ(see("n").shares.in_use, 4U);
}

TEST_P(surveys, one_share_is_broken_and_the_others_stay) {
    auto first = fleet.a->locks.keep(read(*fleet.a, "n"));
    const auto second = read(*fleet.b, "n");
    auto writer = start<lease>(fleet, rw_at(*fleet.b, "n").acquire(rw_mode::write));
    fleet.until([&] { return waiting_at("n") == 1; });
    const auto owner = first.offer().owner();
    EXPECT_EQ(break_one("n", owner), errc{});
    fleet.until([&] { return first.lost().stop_requested(); });
    EXPECT_EQ(first.reason(), lost_reason::broken);
    EXPECT_EQ(break_one("n", owner), errc::not_found);
    EXPECT_FALSE(writer->done());
    EXPECT_EQ(see("n").shares.holder_count, 1U);
    EXPECT_TRUE(fleet.give(*fleet.b, second));
    fleet.until([&] { return writer->done(); });
    EXPECT_GT(writer->value().fence(), second.fence());
}

TEST_P(surveys, all_shares_are_broken_and_who_waits_comes_in) {
    std::vector<scoped_lease> readers;
    for (int i = 0; i < 5; ++i) readers.push_back(fleet.a->locks.keep(read(*fleet.a, "n")));
    auto writer = start<lease>(fleet, rw_at(*fleet.b, "n").acquire(rw_mode::write));
    fleet.until([&] { return waiting_at("n") == 1; });
    const auto bar = fleet.run(fleet.b->locks.force_break(lock_name("n"))).value();
    fleet.until([&] { return writer->done(); });
    EXPECT_GT(writer->value().fence(), bar);
    for (const auto& reader : readers) {
        fleet.until([&] { return reader.lost().stop_requested(); });
        EXPECT_LT(reader.fence(), bar);
    }
    EXPECT_TRUE(fleet.b->events.has("lock.broken n"));
}

TEST_P(surveys, a_break_of_thousands_of_permits_is_done_in_steps_and_hits_no_newcomer) {
    async_semaphore many(fleet.a->locks, lock_name("n"), ttl, permits(600));
    std::vector<lease> held;
    for (int i = 0; i < 600; ++i) held.push_back(fleet.run(many.try_acquire()).value());
    EXPECT_EQ(see("n").shares.holder_count, 600U);
    auto next = start<lease>(fleet, many.acquire());
    fleet.until([&] { return waiting_at("n") == 1; });
    EXPECT_EQ(break_it("n"), errc{});
    fleet.until([&] { return next->done(); });
    EXPECT_EQ(see("n").shares.holder_count, 1U);
    EXPECT_EQ(see("n").shares.in_use, 1U);
    EXPECT_TRUE(fleet.give(*fleet.a, next->value()));
}

TEST_P(surveys, what_nobody_holds_cannot_be_broken) {
    EXPECT_EQ(break_it("n"), errc::not_found);
    EXPECT_EQ(break_one("n", owner_id::random(fleet.world.runtime)), errc::not_found);
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_EQ(break_one("n", owner_id::random(fleet.world.runtime)), errc::not_found);
    EXPECT_TRUE(fleet.run(fleet.a->locks.extend(held)));
    EXPECT_EQ(break_one("n", held.owner()), errc{});
    EXPECT_TRUE(fleet.run(async_latch(fleet.a->locks, lock_name("latch")).create(1)));
    EXPECT_EQ(break_it("latch"), errc::wrong_type);
}

TEST_P(surveys, those_who_watch_an_election_are_told_when_its_leader_is_thrown_out) {
    async_election office(fleet.a->locks, lock_name("n"), ttl);
    const auto leader = fleet.run(office.try_campaign(leader_value("a"))).value();
    election_observer watch(fleet.b->locks, lock_name("n"));
    EXPECT_TRUE(fleet.run(watch.next())->has_value());
    auto change = start<holdfast::leader>(fleet, watch.next());
    fleet.until([&] { return fleet.raw({"ZCARD", "hf:o:{n}:n"}).as_integer() == 1; });
    const auto began = fleet.now();
    EXPECT_EQ(break_it("n"), errc{});
    fleet.until([&] { return change->done(); });
    EXPECT_FALSE(change->value());
    EXPECT_LT(fleet.now(), began + seconds{5});  // a heartbeat is 10 s
    EXPECT_EQ(fleet.run(office.proclaim(leader, leader_value("late"))).error(), errc::lease_lost);
}

acquire_options traced(const std::string& trace) {
    acquire_options options;
    options.trace = trace;
    return options;
}

TEST_P(surveys, a_waiter_learns_the_trace_of_the_holder_before_it) {
    const lock_name name("n");
    auto take = fleet.a->locks.try_acquire(name, ttl, traced("00-aa-01"));
    const auto held = fleet.run(std::move(take)).value();
    EXPECT_EQ(fleet.look("n").trace, "00-aa-01");
    std::vector<std::string> seen;
    auto options = traced("00-bb-01");
    options.on_wait = [&](const wait_status& status) { seen.push_back(status.holder_trace); };
    auto waiter = start<lease>(fleet, fleet.b->locks.acquire(name, ttl, options));
    fleet.until([&] { return !seen.empty(); });
    EXPECT_EQ(seen.front(), "00-aa-01");
    EXPECT_TRUE(fleet.b->events.has("lock.waiting n 00-aa-01"));
    EXPECT_EQ(fleet.look("n").queue.at(0).trace, "00-bb-01");
    EXPECT_EQ(fleet.look("n").who, fleet.look("n").queue.at(0).who);
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    fleet.until([&] { return waiter->done(); });
    EXPECT_EQ(fleet.look("n").trace, "00-bb-01");
    for (const auto& bad :
         {std::string("a b"), std::string("a|b"), std::string("\n"), std::string(129, 'x')}) {
        auto refused = fleet.a->locks.acquire(lock_name("m"), ttl, traced(bad));
        EXPECT_EQ(fleet.run(std::move(refused)).error(), errc::invalid_argument) << bad;
    }
}

TEST_P(surveys, a_cool_down_is_told_apart_from_the_lease_before_it) {
    acquire_options options;
    options.terms.cool_down = seconds{60};
    const lease_ttl brief(milliseconds{80});
    auto take = fleet.a->locks.try_acquire(lock_name("n"), brief, options);
    (void)fleet.run(std::move(take)).value();
    EXPECT_EQ(fleet.look("n").cool_down, seconds{60});
    fleet.until([&] { return fleet.look("n").cools_down(); });
    EXPECT_LE(*fleet.look("n").ends_in, seconds{60});
    auto next = start<lease>(fleet, fleet.b->locks.acquire(lock_name("n"), brief, options));
    fleet.until([&] { return waiting_at("n") == 1; });
    EXPECT_EQ(fleet.look("n").queue.at(0).ttl, milliseconds{80});
    next->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return next->done(); });
}

INSTANTIATE_TEST_SUITE_P(memory, surveys, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, surveys, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
