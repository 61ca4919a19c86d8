// Leases while the network or the Redis below them fails: nothing is granted twice, nobody believes
// for too long, and who lost learns of it.
#include "lock/faults_world.hpp"
#include "support/wait.hpp"

#include <csignal>

namespace holdfast::test {
namespace {

using way = tcp_proxy::way;
using flow = tcp_proxy::flow;

using lock_faults = faulty_fleet;

TEST_F(lock_faults, a_lost_reply_to_an_acquire_grants_once_and_with_one_fence) {
    begin();
    const auto before = fleet->take(*fleet->a, "n");
    fleet->give(*fleet->a, before);
    proxy_of_a().cut_at_next(way::replies);
    const auto held = fleet->take(*fleet->a, "n");
    EXPECT_EQ(server().cli({"GET", "n"}), held.owner().str());
    EXPECT_TRUE(
        server().cli({"GET", "hf:m:{n}:n"}).starts_with(std::to_string(held.fence().value())));
    EXPECT_GT(held.fence(), before.fence());
    EXPECT_EQ(fleet->try_take(*fleet->b, "n"), errc::busy);
}

TEST_F(lock_faults, a_lost_request_or_reply_to_a_release_frees_the_lock_all_the_same) {
    begin();
    for (const auto lost : {way::requests, way::replies}) {
        const auto held = fleet->take(*fleet->a, "n");
        auto waiter = fleet->queue(*fleet->b, "n");
        proxy_of_a().cut_at_next(lost);
        EXPECT_TRUE(fleet->give(*fleet->a, held));
        fleet->until([&] { return waiter->done(); });
        EXPECT_GT(waiter->got->value().fence(), held.fence());
        fleet->give(*fleet->b, waiter->got->value());
    }
    EXPECT_EQ(server().cli({"EXISTS", "n"}), "0");
}

TEST_F(lock_faults, an_extension_whose_reply_was_lost_is_repeated_in_time) {
    begin();
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", milliseconds{1500}));
    const auto first_end = kept.valid_until();
    for (const auto lost : {way::replies, way::requests}) {
        const auto end = kept.valid_until();
        proxy_of_a().cut_at_next(lost);
        fleet->until([&] { return kept.valid_until() > end; });
    }
    EXPECT_GT(kept.valid_until(), first_end);
    EXPECT_FALSE(kept.lost().stop_requested());
}

TEST_F(lock_faults, a_holder_cut_off_stops_believing_before_the_next_is_granted) {
    begin();
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", milliseconds{900}));
    freeze(proxy_of_a());
    auto next = fleet->start(*fleet->b, "n");
    fleet->until([&] {
        EXPECT_TRUE(!next->done() || kept.lost().stop_requested()) << "two believe at once";
        return next->done();
    });
    EXPECT_EQ(kept.reason(), lost_reason::expired_locally);
    EXPECT_LE(kept.valid_until(), fleet->now());
    EXPECT_GT(next->got->value().fence(), kept.fence());
    proxy_of_a().heal();  // the extensions that were held arrive now: they must not bring it back
    fleet->until([&] { return fleet->a->st->connected(); });
    EXPECT_EQ(fleet->try_take(*fleet->a, "n"), errc::busy);
    EXPECT_EQ(server().cli({"GET", "n"}), next->got->value().owner().str());
}

TEST_F(lock_faults, a_half_open_link_does_not_cost_the_lease) {
    begin();
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", milliseconds{4500}));
    half_open(proxy_of_a());
    const auto end = kept.valid_until();
    fleet->until([&] { return kept.valid_until() > end || kept.lost().stop_requested(); });
    EXPECT_FALSE(kept.lost().stop_requested()) << name_of(kept.reason());
    EXPECT_EQ(fleet->try_take(*fleet->b, "n"), errc::busy);
}

TEST_F(lock_faults, a_waiter_on_a_half_open_link_gets_its_turn) {
    begin();
    auto held = fleet->take(*fleet->a, "n");
    auto waiter = fleet->queue(*fleet->b, "n");
    half_open(proxy_of_b());
    fleet->give(*fleet->a, held);  // the push goes into the dead link
    fleet->until([&] { return waiter->done(); });
    EXPECT_GT(waiter->got->value().fence(), held.fence());
}

TEST_F(lock_faults, a_restart_with_its_data_keeps_the_lock_with_its_holder) {
    begin({"--appendonly", "yes", "--appendfsync", "always"});
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", seconds{10}));
    server().stop();
    server().start();
    fleet->until([&] { return fleet->b->st->connected(); });
    EXPECT_EQ(fleet->try_take(*fleet->b, "n"), errc::busy);
    const auto end = kept.valid_until();
    fleet->until([&] { return kept.valid_until() > end || kept.lost().stop_requested(); });
    EXPECT_FALSE(kept.lost().stop_requested());
    EXPECT_TRUE(*fleet->run(kept.release()));
    EXPECT_GT(fleet->take(*fleet->b, "n").fence(), kept.fence());
}

// Without its data a Redis breaks the exclusion that it was trusted with; what is left is that the
// fence rises and that the old holder is told.
TEST_F(lock_faults, a_restart_without_its_data_tells_the_holder_and_raises_the_fence) {
    begin();
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", milliseconds{1500}));
    server().stop();
    server().start();
    fleet->until([&] { return fleet->b->st->connected(); });
    const auto other = fleet->take(*fleet->b, "n");
    EXPECT_GT(other.fence(), kept.fence());
    fleet->until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::taken_over);
    EXPECT_EQ(server().cli({"GET", "n"}), other.owner().str());
}

TEST_F(lock_faults, an_outage_longer_than_the_lease_ends_it_on_time_and_all_resumes) {
    begin();
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", milliseconds{600}));
    auto waiter = fleet->queue(*fleet->b, "n");
    server().stop();
    fleet->until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::expired_locally);
    EXPECT_LT(fleet->now(), kept.valid_until() + milliseconds{500});
    EXPECT_FALSE(waiter->done());
    server().start();
    fleet->until([&] { return waiter->done(); });
    EXPECT_GT(waiter->got->value().fence(), kept.fence());
}

TEST_F(lock_faults, a_full_server_grants_nothing_and_takes_nothing_away) {
    begin();
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", milliseconds{900}));
    const auto other = fleet->take(*fleet->a, "m");
    auto waiter = fleet->queue(*fleet->b, "m");
    server().cli({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(fleet->try_take(*fleet->b, "free"), errc::out_of_memory);
    const auto end = kept.valid_until();
    fleet->until([&] { return kept.valid_until() > end || kept.lost().stop_requested(); });
    EXPECT_FALSE(kept.lost().stop_requested()) << "extending needs no memory";
    EXPECT_TRUE(*fleet->run(kept.release())) << "nor does releasing what nobody waits for";
    EXPECT_TRUE(fleet->give(*fleet->a, other)) << "and handing on what somebody waits for";
    fleet->until([&] { return waiter->done(); });
    EXPECT_GT(waiter->got->value().fence(), other.fence());
    server().cli({"CONFIG", "SET", "maxmemory", "0"});
}

TEST_F(lock_faults, a_script_that_keeps_the_server_busy_costs_the_lease_but_never_two_holders) {
    begin({"--busy-reply-threshold", "20"});
    auto kept = fleet->a->locks.keep(fleet->take(*fleet->a, "n", milliseconds{500}));
    auto waiter = fleet->queue(*fleet->b, "n");
    child_process hog(
        {"redis-cli", "-p", std::to_string(server().port()), "EVAL", "while true do end", "0"});
    fleet->until([&] { return kept.lost().stop_requested(); });
    EXPECT_FALSE(waiter->done());
    EXPECT_EQ(kept.reason(), lost_reason::expired_locally);
    ASSERT_TRUE(wait_until([&] { return server().cli({"SCRIPT", "KILL"}) == "OK"; }));
    fleet->until([&] { return waiter->done(); });
    EXPECT_GT(waiter->got->value().fence(), kept.fence());
}

TEST_F(lock_faults, a_server_that_refuses_to_publish_still_hands_over) {
    begin();
    const auto held = fleet->take(*fleet->a, "n");
    auto waiter = fleet->queue(*fleet->b, "n", milliseconds{600});
    server().cli({"ACL", "SETUSER", "default", "-publish"});
    EXPECT_TRUE(fleet->give(*fleet->a, held));
    fleet->until([&] { return waiter->done(); });
    EXPECT_GT(waiter->got->value().fence(), held.fence());
}

}  // namespace
}  // namespace holdfast::test
