// Elections and their observers over both stores.
#include "holdfast/election.hpp"

#include "lock/started.hpp"

namespace holdfast::test {
namespace {

class elections : public both_stores {
protected:
    async_election at(process_view& who, milliseconds ttl = seconds{30}) {
        return async_election(who.locks, lock_name("n"), lease_ttl(ttl));
    }
    lease win(process_view& who, const std::string& value, milliseconds ttl = seconds{30}) {
        return fleet.run(at(who, ttl).try_campaign(leader_value(value))).value();
    }
    std::string leads() {
        const auto seen = fleet.run(at(*fleet.a).current()).value();
        return seen ? seen->value : "nobody";
    }
    std::int64_t observers() { return fleet.raw({"ZCARD", "hf:o:{n}:n"}).as_integer(); }
    std::string value_of(started<leader>& change) {
        fleet.until([&] { return change.done(); });
        const auto& seen = change.value();
        return seen ? seen->value : "nobody";
    }
};

TEST_P(elections, one_leads_and_the_next_in_line_follows) {
    EXPECT_EQ(leads(), "nobody");
    const auto first = win(*fleet.a, "a:1");
    EXPECT_EQ(leads(), "a:1");
    EXPECT_EQ(fleet.run(at(*fleet.b).try_campaign(leader_value("b:1"))).error(), errc::busy);
    auto next = start<lease>(fleet, at(*fleet.b).campaign(leader_value("b:1")));
    fleet.until([&] { return fleet.look("n").queue_length == 1; });
    EXPECT_TRUE(*fleet.run(at(*fleet.a).resign(first)));
    EXPECT_FALSE(*fleet.run(at(*fleet.a).resign(first)));
    fleet.until([&] { return next->done(); });
    EXPECT_EQ(leads(), "b:1");
    EXPECT_GT(next->value().fence(), first.fence());
    EXPECT_EQ(fleet.run(at(*fleet.a).current()).value()->fence, next->value().fence());
    EXPECT_EQ(fleet.run(at(*fleet.a).proclaim(first, leader_value("late"))).error(),
              errc::lease_lost);
    EXPECT_TRUE(fleet.run(at(*fleet.b).proclaim(next->value(), leader_value("b:2"))));
    EXPECT_EQ(leads(), "b:2");
}

TEST_P(elections, observers_see_every_change_by_push) {
    election_observer watch(fleet.b->locks, lock_name("n"));
    EXPECT_FALSE(fleet.run(watch.next())->has_value());
    auto change = start<leader>(fleet, watch.next());
    fleet.until([&] { return observers() == 1; });
    const auto held = win(*fleet.a, "first");
    EXPECT_EQ(value_of(*change), "first");
    EXPECT_EQ(change->value()->fence, held.fence());
    change = start<leader>(fleet, watch.next());
    EXPECT_TRUE(fleet.run(at(*fleet.a).proclaim(held, leader_value("moved"))));
    EXPECT_EQ(value_of(*change), "moved");
    change = start<leader>(fleet, watch.next());
    EXPECT_TRUE(*fleet.run(at(*fleet.a).resign(held)));
    EXPECT_EQ(value_of(*change), "nobody");
    const auto until = fleet.now() + milliseconds{30};
    EXPECT_EQ(fleet.run(watch.next(until)).error(), errc::timed_out);
}

TEST_P(elections, observers_see_a_dead_leader_go_when_its_lease_ends) {
    const auto dead = win(*fleet.a, "dead", milliseconds{300});
    election_observer watch(fleet.b->locks, lock_name("n"));
    EXPECT_EQ((*fleet.run(watch.next()))->value, "dead");
    auto change = start<leader>(fleet, watch.next());
    EXPECT_EQ(value_of(*change), "nobody");
    EXPECT_GE(fleet.now(), dead.valid_until());
    EXPECT_LT(fleet.now(), dead.valid_until() + seconds{3});  // not a heartbeat later
}

TEST_P(elections, a_leader_that_is_kept_stays_visible_and_learns_that_it_was_broken) {
    auto kept = fleet.a->locks.keep(win(*fleet.a, "kept", milliseconds{300}));
    const auto first_end = kept.valid_until();
    fleet.until([&] { return fleet.now() > first_end + milliseconds{300}; });
    EXPECT_EQ(leads(), "kept");
    EXPECT_TRUE(fleet.run(fleet.b->locks.force_break(lock_name("n"))));
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::broken);
    EXPECT_EQ(leads(), "nobody");
}

TEST_P(elections, a_plain_holder_of_the_lock_is_no_leader) {
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_EQ(leads(), "nobody");
    EXPECT_EQ(fleet.run(at(*fleet.b).try_campaign(leader_value("b"))).error(), errc::busy);
    fleet.give(*fleet.a, held);
    fleet.raw({"HSET", "n", "f", "v"});
    EXPECT_EQ(fleet.run(at(*fleet.b).current()).error(), errc::wrong_type);
    EXPECT_EQ(leader_value::parse(std::string(4097, 'x')).error(), errc::invalid_argument);
}

TEST_P(elections, close_ends_those_who_watch) {
    election_observer watch(fleet.b->locks, lock_name("n"));
    EXPECT_TRUE(fleet.run(watch.next()));
    auto change = start<leader>(fleet, watch.next());
    fleet.run(fleet.b->locks.close());
    fleet.until([&] { return change->done(); });
    EXPECT_EQ(change->error(), errc::shutting_down);
}

INSTANTIATE_TEST_SUITE_P(memory, elections, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, elections, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
