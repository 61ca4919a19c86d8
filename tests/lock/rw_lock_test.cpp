// Reader-writer locks over both stores.
#include "holdfast/rw_lock.hpp"

#include "lock/calls.hpp"
#include "lock/started.hpp"

namespace holdfast::test {
namespace {

using enum rw_mode;

class rw_locks : public both_stores {
protected:
    async_rw_lock at(process_view& who, milliseconds ttl = seconds{30}) {
        return async_rw_lock(who.locks, lock_name("n"), lease_ttl(ttl));
    }
    lease take(process_view& who, rw_mode mode, milliseconds ttl = seconds{30}) {
        return fleet.run(at(who, ttl).try_acquire(mode)).value();
    }
    errc try_take(process_view& who, rw_mode mode) {
        const auto got = fleet.run(at(who).try_acquire(mode));
        return got ? errc{} : errc_of(got.error());
    }
    sharing_info look() { return fleet.run(at(*fleet.a).inspect()).value(); }
    bool upgrade_waits() {
        return fleet.raw({"HEXISTS", "hf:g:{n}:n", "upgrade"}).as_integer() == 1;
    }
    /// Returns when it stands in the queue.
    std::unique_ptr<started<lease>> queue(process_view& who, rw_mode mode,
                                          milliseconds ttl = seconds{30}) {
        const auto before = look().queue_length;
        auto made = start<lease>(fleet, at(who, ttl).acquire(mode));
        fleet.until([&] { return look().queue_length == before + 1; });
        return made;
    }
};

TEST_P(rw_locks, readers_share_and_a_writer_is_alone) {
    const auto first = take(*fleet.a, read);
    const auto second = take(*fleet.b, read);
    EXPECT_GT(second.fence(), first.fence());
    EXPECT_EQ(look().holders.size(), 2U);
    EXPECT_EQ(try_take(*fleet.b, write), errc::busy);
    EXPECT_TRUE(fleet.give(*fleet.a, first));
    EXPECT_EQ(try_take(*fleet.a, write), errc::busy);
    EXPECT_TRUE(fleet.give(*fleet.b, second));
    const auto writer = take(*fleet.a, write);
    EXPECT_GT(writer.fence(), second.fence());
    EXPECT_EQ(try_take(*fleet.b, read), errc::busy);
    EXPECT_EQ(try_take(*fleet.b, intent), errc::busy);
    EXPECT_EQ(try_take(*fleet.b, write), errc::busy);
    EXPECT_TRUE(fleet.give(*fleet.a, writer));
    EXPECT_FALSE(fleet.give(*fleet.a, writer));
}

TEST_P(rw_locks, nothing_but_the_fence_counter_is_left_behind) {
    const auto held = take(*fleet.a, write);
    auto waiting = queue(*fleet.b, read);
    fleet.give(*fleet.a, held);
    fleet.until([&] { return waiting->done(); });
    fleet.give(*fleet.b, waiting->value());
    EXPECT_EQ(fleet.raw({"DBSIZE"}).as_integer(), 1);
    EXPECT_GT(fleet.raw({"PTTL", "hf:f:{n}:n"}).as_integer(), 0);
}

TEST_P(rw_locks, a_waiting_writer_holds_later_readers_back_and_readers_come_in_together) {
    auto reader = take(*fleet.a, read);
    auto writer = queue(*fleet.b, write);
    auto late_one = queue(*fleet.a, read);
    auto late_two = queue(*fleet.b, read);
    auto last_writer = queue(*fleet.a, write);
    EXPECT_EQ(try_take(*fleet.a, read), errc::busy);
    fleet.give(*fleet.a, reader);
    fleet.until([&] { return writer->done(); });
    EXPECT_FALSE(late_one->done() || late_two->done() || last_writer->done());
    fleet.give(*fleet.b, writer->value());
    fleet.until([&] { return late_one->done() && late_two->done(); });
    EXPECT_FALSE(last_writer->done());
    EXPECT_GT(late_one->value().fence(), writer->value().fence());
    EXPECT_GT(late_two->value().fence(), late_one->value().fence());
    fleet.give(*fleet.a, late_one->value());
    fleet.give(*fleet.b, late_two->value());
    fleet.until([&] { return last_writer->done(); });
    EXPECT_GT(last_writer->value().fence(), late_two->value().fence());
    EXPECT_EQ(look().queue_length, 0U);
}

TEST_P(rw_locks, a_grant_by_push_is_claimed_for_the_whole_lease) {
    const auto held = take(*fleet.a, write);
    auto reader = queue(*fleet.b, read);
    fleet.give(*fleet.a, held);
    fleet.until([&] { return reader->done(); });
    EXPECT_GT(look().holders.at(0).ends_in, seconds{20});
    EXPECT_EQ(look().holders.at(0).fence, reader->value().fence());
}

TEST_P(rw_locks, a_writer_that_steps_down_lets_waiting_readers_in) {
    const auto held = take(*fleet.a, write);
    auto reader = queue(*fleet.b, read);
    auto writer = queue(*fleet.b, write);
    EXPECT_TRUE(fleet.run(at(*fleet.a).downgrade(held)));
    EXPECT_TRUE(fleet.run(at(*fleet.a).downgrade(held)));
    fleet.until([&] { return reader->done(); });
    EXPECT_FALSE(writer->done());
    EXPECT_EQ(look().holders.size(), 2U);
    EXPECT_TRUE(fleet.run(fleet.a->locks.extend(held)));
    fleet.give(*fleet.a, held);
    fleet.give(*fleet.b, reader->value());
    fleet.until([&] { return writer->done(); });
}

TEST_P(rw_locks, a_reader_is_not_upgraded) {
    const auto held = take(*fleet.a, read);
    EXPECT_EQ(fleet.run(at(*fleet.a).upgrade(held)).error(), errc::invalid_argument);
    EXPECT_EQ(fleet.run(at(*fleet.a).downgrade(held, write)).error(), errc::invalid_argument);
    EXPECT_EQ(fleet.run(at(*fleet.a).downgrade(held, intent)).error(), errc::invalid_argument);
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_EQ(fleet.run(at(*fleet.a).downgrade(held)).error(), errc::lease_lost);
    EXPECT_EQ(fleet.run(at(*fleet.a).upgrade(held)).error(), errc::lease_lost);
}

TEST_P(rw_locks, intent_shares_with_readers_and_becomes_the_writer_when_they_left) {
    const auto reader = take(*fleet.a, read);
    const auto plan = take(*fleet.b, intent);
    const auto late = take(*fleet.a, read);
    EXPECT_EQ(try_take(*fleet.a, intent), errc::busy);
    auto upgrade = start<lease>(fleet, at(*fleet.b).upgrade(plan));
    fleet.until([&] { return upgrade_waits(); });
    EXPECT_EQ(try_take(*fleet.a, read), errc::busy);
    fleet.give(*fleet.a, reader);
    EXPECT_FALSE(upgrade->done());
    fleet.give(*fleet.a, late);
    fleet.until([&] { return upgrade->done(); });
    const auto writer = upgrade->value();
    EXPECT_EQ(writer.owner(), plan.owner());
    EXPECT_GT(writer.fence(), late.fence());
    EXPECT_EQ(look().holders.at(0).mode, 'w');
    EXPECT_TRUE(writer.valid(fleet.now()));
    EXPECT_TRUE(fleet.run(fleet.b->locks.extend(writer)));
    EXPECT_TRUE(fleet.run(at(*fleet.b).downgrade(writer, intent)));
    const auto again = take(*fleet.a, read);
    fleet.give(*fleet.a, again);
    EXPECT_TRUE(fleet.give(*fleet.b, writer));
}

TEST_P(rw_locks, an_upgrade_that_is_given_up_leaves_the_intent_and_lets_readers_in) {
    const auto reader = take(*fleet.a, read);
    const auto plan = take(*fleet.b, intent);
    const auto until = fleet.now() + milliseconds{40};
    EXPECT_EQ(fleet.run(at(*fleet.b).upgrade(plan, until)).error(), errc::timed_out);
    fleet.until([&] { return !upgrade_waits(); });
    EXPECT_EQ(try_take(*fleet.a, read), errc{});
    EXPECT_TRUE(fleet.run(fleet.b->locks.extend(plan)));
    auto upgrade = start<lease>(fleet, at(*fleet.b).upgrade(plan));
    fleet.until([&] { return upgrade_waits(); });
    EXPECT_EQ(try_take(*fleet.a, read), errc::busy);
    upgrade->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return upgrade->done() && !upgrade_waits(); });
    EXPECT_EQ(upgrade->error(), errc::cancelled);
    EXPECT_EQ(try_take(*fleet.a, read), errc{});
    EXPECT_EQ(look().holders.size(), 4U);
    fleet.give(*fleet.a, reader);
}

TEST_P(rw_locks, dead_readers_end_one_by_one_and_nobody_else_renews_them) {
    const auto dead = take(*fleet.a, read, milliseconds{300});
    auto kept = fleet.b->locks.keep(take(*fleet.b, read, milliseconds{400}));
    auto writer = queue(*fleet.a, write, hours{1});
    fleet.until([&] { return fleet.now() > dead.valid_until() + milliseconds{300}; });
    EXPECT_TRUE(kept.valid(fleet.now()));
    EXPECT_EQ(fleet.run(fleet.a->locks.extend(dead)).error(), errc::lease_lost);
    EXPECT_FALSE(fleet.give(*fleet.a, dead));
    EXPECT_FALSE(writer->done());
    EXPECT_TRUE(*fleet.run(kept.release()));
    fleet.until([&] { return writer->done(); });
}

TEST_P(rw_locks, the_writer_wakes_when_the_last_dead_reader_runs_out) {
    (void)take(*fleet.a, read, milliseconds{100});
    const auto last = take(*fleet.b, read, milliseconds{400});
    auto writer = queue(*fleet.a, write, hours{1});  // its heartbeat is far away
    fleet.until([&] { return writer->done(); });
    EXPECT_GE(fleet.now(), last.valid_until());
    EXPECT_LT(fleet.now(), last.valid_until() + seconds{3});
}

TEST_P(rw_locks, a_dead_writer_at_the_head_does_not_keep_readers_out) {
    const auto reader = take(*fleet.a, read);
    const auto dead = std::string(32, '7') + "|30000|w|1|dead/1|hf:nobody";
    fleet.raw({"ZADD", "hf:s:{n}:n", "1", dead});
    auto late = start<lease>(fleet, at(*fleet.b).acquire(read));
    fleet.until([&] { return late->done(); });
    EXPECT_TRUE(*late->got);
    EXPECT_EQ(look().queue_length, 0U);
}

TEST_P(rw_locks, a_frozen_grantee_keeps_its_grant_for_the_provisional_lease_only) {
    const auto held = take(*fleet.a, write);
    const auto frozen =
        std::string(32, '7') + "|300000|w|1|frozen/1|" + fleet.b->st->process_channel();
    fleet.raw({"ZADD", "hf:s:{n}:n", "1", frozen});
    auto reader = queue(*fleet.b, read);
    fleet.give(*fleet.a, held);
    EXPECT_EQ(look().holders.at(0).owner, std::string(32, '7'));
    EXPECT_LE(look().holders.at(0).ends_in, provisional_lease);
    fleet.until([&] { return reader->done(); });
    EXPECT_TRUE(*reader->got);
}

TEST_P(rw_locks, a_wait_that_is_over_leaves_no_trace_and_lets_the_others_in) {
    const auto reader = take(*fleet.a, read);
    auto writer = queue(*fleet.b, write);
    auto late = queue(*fleet.b, read);
    writer->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return writer->done() && late->done(); });
    EXPECT_EQ(writer->error(), errc::cancelled);
    EXPECT_TRUE(*late->got);
    EXPECT_EQ(look().queue_length, 0U);
    EXPECT_EQ(look().holders.size(), 2U);
}

TEST_P(rw_locks, other_kinds_of_keys_are_left_alone) {
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_EQ(try_take(*fleet.b, read), errc::wrong_type);
    EXPECT_EQ(fleet.run(at(*fleet.b).acquire(write)).error(), errc::wrong_type);
    EXPECT_EQ(fleet.run(at(*fleet.b).inspect()).error(), errc::busy);
    fleet.give(*fleet.a, held);
    const auto reader = take(*fleet.a, read);
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc::wrong_type);
    EXPECT_EQ(fleet.text({"SET", "n", "plain", "NX"}), "");
    fleet.give(*fleet.a, reader);
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc{});
}

TEST_P(rw_locks, a_mutex_becomes_a_share_and_lets_readers_in) {
    const auto alone = fleet.take(*fleet.a, "n");
    auto waiting = fleet.queue(*fleet.b, "n");
    const auto reader = fleet.run(at(*fleet.a).share(alone)).value();
    EXPECT_EQ(reader.owner(), alone.owner());
    EXPECT_EQ(reader.fence(), alone.fence());
    fleet.until([&] { return waiting->done(); });  // told at once, not by a heartbeat (10 s)
    EXPECT_EQ(waiting->error(), errc::wrong_type);
    EXPECT_EQ(fleet.run(at(*fleet.a).share(alone)).value().fence(), alone.fence());  // a repeat
    const auto second = take(*fleet.b, read);
    EXPECT_GT(second.fence(), reader.fence());
    EXPECT_EQ(try_take(*fleet.b, write), errc::busy);
    EXPECT_TRUE(fleet.give(*fleet.a, reader));
    EXPECT_EQ(fleet.run(at(*fleet.a).share(alone)).error(), errc::lease_lost);
    EXPECT_EQ(fleet.run(at(*fleet.a).share(reader)).error(), errc::invalid_argument);
    EXPECT_TRUE(fleet.give(*fleet.b, second));
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc{});
}

TEST_P(rw_locks, a_share_that_is_cancelled_on_its_way_is_given_back) {
    const auto alone = fleet.take(*fleet.a, "n");
    auto going = start<lease>(fleet, at(*fleet.a).share(alone));
    going->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return going->done(); });
    EXPECT_TRUE(!*going->got || fleet.give(*fleet.a, going->value()));
    fleet.until([&] { return fleet.raw({"EXISTS", "n"}).as_integer() == 0; });
    EXPECT_FALSE(fleet.give(*fleet.a, alone));
}

TEST_P(rw_locks, those_who_waited_for_shares_before_the_mutex_come_in_with_it) {
    fleet.raw({"SET", "n", "plain"});
    EXPECT_EQ(fleet.run(at(*fleet.b).inspect()).error(), errc::busy);
    fleet.raw({"DEL", "n"});
    const auto writer = take(*fleet.b, write);
    auto waiting = queue(*fleet.b, read);
    fleet.raw({"DEL", "n", "hf:g:{n}:n"});  // as when all its leases end
    const auto alone = fleet.take(*fleet.a, "n");
    const auto reader = fleet.run(at(*fleet.a).share(alone)).value();
    fleet.until([&] { return waiting->done(); });
    EXPECT_TRUE(*waiting->got);
    EXPECT_EQ(look().holders.size(), 2U);
}

TEST_P(rw_locks, a_list_of_locks_survives_a_name_that_is_shared_now) {
    const auto alone = fleet.take(*fleet.a, "n");
    const auto other = fleet.take(*fleet.a, "other");
    fleet.raw({"DEL", "n"});  // it died: its side key stays
    (void)take(*fleet.b, read);
    const auto all = fleet.run(fleet.a->locks.list());
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 1U);
    EXPECT_EQ(all->at(0).name, "other");
}

TEST_P(rw_locks, fences_rise_after_the_data_was_lost) {
    const auto before = take(*fleet.a, write);
    fleet.raw({"FLUSHALL"});
    EXPECT_EQ(fleet.run(fleet.a->locks.extend(before)).error(), errc::lease_lost);
    EXPECT_GT(take(*fleet.a, read).fence(), before.fence());
}

TEST_P(rw_locks, readers_and_writers_never_overlap) {
    int readers = 0;
    int writers = 0;
    int turns = 0;
    bool shared = false;
    fencing_token last_writer;
    std::vector<std::unique_ptr<process_view>> others;
    for (int i = 0; i < 3; ++i) others.push_back(fleet.join());
    auto contender = [&](process_view& who, int seed) -> task<void> {
        auto lock = at(who);
        for (int i = 0; i < 20; ++i) {
            const bool writes = (seed + i) % 3 == 0;
            auto got = co_await lock.acquire(writes ? write : read);
            EXPECT_TRUE(got);
            (writes ? writers : readers) += 1;
            EXPECT_TRUE(writers == 0 || (writers == 1 && readers == 0));
            shared = shared || readers > 1;
            if (writes) {
                EXPECT_GT(got->fence(), std::exchange(last_writer, got->fence()));
            }
            co_await fleet.world.runtime.sleep_until(fleet.now() + microseconds{200});
            (writes ? writers : readers) -= 1;
            EXPECT_TRUE(*co_await who.locks.release(*got));
            ++turns;
        }
    };
    for (int i = 0; i < 12; ++i)
        boost::asio::co_spawn(fleet.world.context,
                              contender(*others[static_cast<std::size_t>(i) % 3], i),
                              boost::asio::detached);
    fleet.until([&] { return turns == 12 * 20; });
    EXPECT_TRUE(shared);
    EXPECT_TRUE(look().holders.empty());
}

INSTANTIATE_TEST_SUITE_P(memory, rw_locks, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, rw_locks, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
