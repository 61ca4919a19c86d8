// Keep-alive, loss and giving back of scoped leases, over both stores.
#include "lock/lock_world.hpp"

namespace holdfast::test {
namespace {

TEST_P(both_stores, a_kept_lease_outlives_its_ttl) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{300}));
    const auto first_end = kept.valid_until();
    fleet.until([&] { return fleet.now() > first_end + milliseconds{300}; });
    EXPECT_TRUE(kept.valid(fleet.now()));
    EXPECT_FALSE(kept.lost().stop_requested());
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc::busy);
    EXPECT_TRUE(*fleet.run(kept.release()));
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc{});
}

TEST_P(both_stores, a_dropped_lease_is_given_back_in_the_background) {
    {
        auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    }
    fleet.until([&] { return !fleet.look("n").held; });
}

TEST_P(both_stores, lost_fires_at_once_when_the_lock_is_broken) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    EXPECT_TRUE(fleet.run(fleet.b->locks.force_break(lock_name("n"))));
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::broken);
    EXPECT_FALSE(kept.valid(fleet.now()));
    EXPECT_FALSE(*fleet.run(kept.release()));
    EXPECT_TRUE(fleet.a->events.has("lease.lost n broken"));
}

TEST_P(both_stores, lost_fires_when_the_store_forgot_the_lock) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{300}));
    fleet.raw({"FLUSHALL"});
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::erased);
    EXPECT_GT(fleet.take(*fleet.b, "n").fence(), kept.fence());
}

TEST_P(both_stores, lost_fires_when_somebody_else_holds_the_lock) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{300}));
    fleet.raw({"SET", "n", "thief"});
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::taken_over);
    EXPECT_EQ(fleet.text({"GET", "n"}), "thief");
}

TEST_P(both_stores, lost_fires_before_the_end_when_the_store_is_gone) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{400}));
    fleet.run(fleet.a->st->close());
    bool valid_when_lost = true;
    const std::stop_callback note(kept.lost(), [&] { valid_when_lost = kept.valid(fleet.now()); });
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::expired_locally);
    EXPECT_FALSE(valid_when_lost);
}

TEST_P(both_stores, a_stop_margin_brings_the_loss_forward) {
    keep_options options;
    options.stop_margin = milliseconds{500};
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{900}), options);
    fleet.run(fleet.a->st->close());
    steady_time lost_at{};
    const std::stop_callback note(kept.lost(), [&] { lost_at = fleet.now(); });
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_GE(lost_at, kept.valid_until() - milliseconds{500});
}

}  // namespace
}  // namespace holdfast::test
