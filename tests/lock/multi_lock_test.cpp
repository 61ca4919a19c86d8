// Several locks taken as one, over both stores.
#include "holdfast/multi_lock.hpp"

#include "lock/calls.hpp"
#include "lock/lock_keys.hpp"
#include "lock/started.hpp"
#include "lock_scripts.hpp"

namespace holdfast::test {
namespace {

lock_names named(const std::vector<std::string>& texts) {
    std::vector<lock_name> names;
    for (const auto& text : texts) names.emplace_back(text);
    return lock_names(std::move(names));
}

class multi_locks : public both_stores {
protected:
    async_multi_lock at(process_view& who, const std::vector<std::string>& names,
                        milliseconds ttl = seconds{30}) {
        return async_multi_lock(who.locks, named(names), lease_ttl(ttl));
    }
    multi_lease take(process_view& who, const std::vector<std::string>& names,
                     milliseconds ttl = seconds{30}) {
        return fleet.run(at(who, names, ttl).try_acquire()).value();
    }
    errc try_take_all(process_view& who, const std::vector<std::string>& names) {
        const auto got = fleet.run(at(who, names).try_acquire());
        return got ? errc{} : errc_of(got.error());
    }
    bool give(process_view& who, const multi_lease& held) { return fleet.give(who, held.whole()); }
    /// Returns when it waits, seen by the queue of `busy`.
    std::unique_ptr<started<multi_lease>> queue(process_view& who,
                                                const std::vector<std::string>& names,
                                                const std::string& busy,
                                                milliseconds ttl = seconds{30}) {
        const auto before = fleet.look(busy).queue_length;
        auto made = start<multi_lease>(fleet, at(who, names, ttl).acquire());
        fleet.until([&] { return fleet.look(busy).queue_length == before + 1; });
        return made;
    }
    reply run(const script& what, const std::vector<std::string>& names, script_args args) {
        script_keys keys;
        for (const auto& name : names) {
            const auto of_one = all_keys_of(lock_name(name), "hf:");
            for (const auto& key : of_one.values()) keys.add(key);
        }
        auto call = fleet.a->st->run(what, std::move(keys), std::move(args));
        return fleet.run(std::move(call)).value();
    }
    /// As one that waits for both and has given `ticket` before.
    reply ask_for_x_and_y(const std::string& id, const std::string& member,
                          const std::string& ticket) {
        script_args args(id, 30000, member, "1", ticket, 3000, 0, "0", 0, "0");
        return run(scripts::lock::take_all, {"x", "y"}, std::move(args));
    }
    bool nothing_is_held(const std::vector<std::string>& names) {
        for (const auto& name : names)
            if (fleet.look(name).held || fleet.look(name).queue_length > 0) return false;
        return true;
    }
};

TEST_P(multi_locks, all_or_nothing) {
    const auto held = take(*fleet.a, {"x", "y", "z"});
    for (const auto* name : {"x", "y", "z"}) {
        EXPECT_EQ(fleet.try_take(*fleet.b, name), errc::busy);
        EXPECT_EQ(held.fence_of(lock_name(name)), fleet.look(name).fence);
        EXPECT_GT(held.fence_of(lock_name(name)), fencing_token());
    }
    EXPECT_EQ(held.fence_of(lock_name("other")), fencing_token());
    EXPECT_TRUE(give(*fleet.a, held));
    EXPECT_FALSE(give(*fleet.a, held));
    const auto one = fleet.take(*fleet.b, "y");
    EXPECT_GT(one.fence(), held.fence_of(lock_name("y")));
    EXPECT_EQ(try_take_all(*fleet.a, {"x", "y", "z"}), errc::busy);
    EXPECT_TRUE(nothing_is_held({"x", "z"}));
}

TEST_P(multi_locks, a_waiter_gets_all_when_the_last_one_is_given_back) {
    const auto first = fleet.take(*fleet.a, "x");
    const auto second = fleet.take(*fleet.a, "y");
    auto all = queue(*fleet.b, {"x", "y", "z"}, "x");
    fleet.give(*fleet.a, first);
    fleet.until([&] { return fleet.look("x").ends_in > provisional_lease; });  // claimed
    EXPECT_FALSE(all->done());
    fleet.give(*fleet.a, second);
    fleet.until([&] { return all->done(); });
    EXPECT_GT(all->value().fence_of(lock_name("x")), first.fence());
    EXPECT_GT(all->value().fence_of(lock_name("y")), second.fence());
    EXPECT_TRUE(fleet.run(fleet.b->locks.extend(all->value().whole())));
    EXPECT_TRUE(give(*fleet.b, all->value()));
    EXPECT_TRUE(nothing_is_held({"x", "y", "z"}));
}

TEST_P(multi_locks, opposite_orders_do_not_dead_lock) {
    int inside_x = 0;
    int inside_y = 0;
    int turns = 0;
    auto contender = [&](process_view& who, std::vector<std::string> names) -> task<void> {
        auto lock = at(who, names);
        for (int i = 0; i < 15; ++i) {
            auto got = co_await lock.acquire();
            EXPECT_TRUE(got);
            for (const auto& name : names)
                EXPECT_EQ(++(name == "x" ? inside_x : inside_y), 1) << name;
            co_await fleet.world.runtime.sleep_until(fleet.now() + microseconds{200});
            for (const auto& name : names) --(name == "x" ? inside_x : inside_y);
            EXPECT_TRUE(*co_await who.locks.release(got->whole()));
            ++turns;
        }
    };
    for (int i = 0; i < 3; ++i) {
        for (const auto& names :
             std::vector<std::vector<std::string>>{{"x", "y"}, {"y", "x"}, {"x"}, {"y"}})
            boost::asio::co_spawn(fleet.world.context,
                                  contender(i % 2 == 0 ? *fleet.a : *fleet.b, names),
                                  boost::asio::detached);
    }
    fleet.until([&] { return turns == 12 * 15; });
    EXPECT_TRUE(nothing_is_held({"x", "y"}));
}

TEST_P(multi_locks, each_name_is_served_in_order) {
    const auto held = fleet.take(*fleet.a, "y");
    auto all = queue(*fleet.b, {"x", "y"}, "y");
    auto late = fleet.queue(*fleet.a, "y");
    EXPECT_EQ(fleet.try_take(*fleet.a, "x"), errc::busy);  // kept for the waiter
    fleet.give(*fleet.a, held);
    fleet.until([&] { return all->done(); });
    EXPECT_FALSE(late->done());
    give(*fleet.b, all->value());
    fleet.until([&] { return late->done(); });
    EXPECT_TRUE(*late->got);
}

TEST_P(multi_locks, an_attempt_that_lost_a_grant_gives_up_its_others) {
    const auto held = fleet.take(*fleet.a, "y");
    auto all = queue(*fleet.b, {"x", "y"}, "y", milliseconds{900});
    auto other = fleet.queue(*fleet.a, "x");
    fleet.raw({"DEL", "x"});  // as if its lease had ended while the process was frozen
    fleet.until([&] { return other->done(); });
    EXPECT_FALSE(all->done());
    fleet.give(*fleet.a, held);
    fleet.give(*fleet.a, other->got->value());
    fleet.until([&] { return all->done(); });
    EXPECT_TRUE(*all->got);
    EXPECT_GT(all->value().fence_of(lock_name("x")), other->got->value().fence());
}

// After a rollback the holder is there again, and what was issued after it is forgotten. The next
// grant of a caller that asked for the counter to be raised has to be above that all the same.
TEST_P(multi_locks, a_fence_that_is_kept_raises_the_counter_when_asked) {
    const auto one = fleet.take(*fleet.a, "x");
    const auto both = take(*fleet.a, {"y", "z"});
    const auto counter = [&](const std::string& name) {
        return std::stoull(fleet.text({"GET", "hf:f:{" + name + "}:" + name}));
    };
    const auto issued = counter("x") + 1'000'000;  // lost with the rollback, a second ahead
    fleet.sleep(milliseconds{1100});
    const auto member = [](const lease& held) {
        return held.owner().str() + "|30000|h/1|hf:ch:no";
    };
    script_args again(one.owner().str(), 30000, member(one), "-", 0, "1", 3000, "0");
    EXPECT_EQ(run(scripts::lock::acquire, {"x"}, std::move(again)).as_integer(),
              static_cast<std::int64_t>(one.fence().value()));
    EXPECT_GT(counter("x"), issued);
    const auto whole = both.whole();
    script_args all(whole.owner().str(), 30000, member(whole), "1", "", 3000, 0, "1", 0, "1");
    EXPECT_EQ(run(scripts::lock::take_all, {"y", "z"}, std::move(all))[1].as_integer(),
              static_cast<std::int64_t>(whole.fence().value()));
    EXPECT_GT(counter("y"), issued);
    EXPECT_GT(counter("z"), issued);
}

// It was sent before the grant was heard of, and comes after one of the names was broken.
TEST_P(multi_locks, a_late_copy_of_the_question_takes_nothing_from_the_holder) {
    const auto held = take(*fleet.a, {"x", "y"});
    const auto owner = held.whole().owner().str();
    fleet.run(fleet.b->locks.force_break(lock_name("y"))).value();
    const auto answer = ask_for_x_and_y(owner, owner + "|30000|host/1|hf:ch:none", "");
    EXPECT_EQ(answer[0].as_integer(), -2);
    EXPECT_EQ(fleet.look("x").owner, owner);
    EXPECT_EQ(fleet.look("x").queue_length, 0U);
    EXPECT_FALSE(fleet.look("y").held);
}

// Its limit has passed by the store's clock, which may have stepped: it asks all the same.
TEST_P(multi_locks, one_that_is_passed_over_keeps_no_place_with_its_old_ticket) {
    const auto last = fleet.take(*fleet.a, "y");
    const auto dead = fleet.take(*fleet.a, "x");
    const std::string id(32, '7');
    const auto member = id + "|30000,1,0|h/1|hf:ch:no";
    const auto ask = [&](const std::string& ticket) { return ask_for_x_and_y(id, member, ticket); };
    const std::string ticket(ask("")[4].as_text());
    auto next = fleet.queue(*fleet.b, "x");
    fleet.until([&] {
        const auto time = fleet.raw({"TIME"});
        const auto us = time[0].integer().value() * 1'000'000 + time[1].integer().value();
        return us > std::stoll(ticket) + 1000;
    });
    fleet.raw({"DEL", "x"});  // its holder died
    EXPECT_EQ(ask(ticket)[0].as_integer(), -2);
    fleet.until([&] { return next->done(); });
    EXPECT_EQ(fleet.look("x").queue_length, 0U);
}

// It lost a place and gave up the rest, asked anew, and then the same message comes once more.
TEST_P(multi_locks, a_late_copy_of_giving_up_takes_nothing_that_was_granted_since) {
    const auto busy = fleet.take(*fleet.a, "y");
    const std::string id(32, '7');
    const auto member = id + "|30000|h/1|hf:ch:no";
    const std::string ticket(ask_for_x_and_y(id, member, "")[4].as_text());
    const auto first = fleet.look("x").fence;
    fleet.raw({"ZREM", "hf:q:{y}:y", member});
    const auto torn = ask_for_x_and_y(id, member, ticket);
    EXPECT_EQ(torn[0].as_integer(), -2);
    EXPECT_EQ(torn[1].as_text(), "");
    EXPECT_EQ(torn[2].as_integer(), static_cast<std::int64_t>(first.value()));
    EXPECT_EQ(torn[3].as_integer(), -1);
    const auto give_up = [&](const std::string& old_ticket) {
        script_args args(id, member, 3000, old_ticket, 0, "0", torn[2].as_integer(), 0, "0", -1);
        return run(scripts::lock::release_all, {"x", "y"}, std::move(args))[0].as_integer();
    };
    EXPECT_EQ(give_up(ticket), 1);
    EXPECT_FALSE(fleet.look("x").held);
    ask_for_x_and_y(id, member, "");
    EXPECT_EQ(give_up(ticket), 0);
    EXPECT_EQ(fleet.look("x").owner, id);
    EXPECT_GT(fleet.look("x").fence, first);
    EXPECT_EQ(fleet.look("y").queue_length, 1U);
}

TEST_P(multi_locks, lost_fires_and_names_what_was_lost) {
    const auto held = take(*fleet.a, {"x", "y"}, milliseconds{300});
    auto kept = fleet.a->locks.keep(held.whole());
    fleet.raw({"SET", "y", "thief"});
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::taken_over);
    EXPECT_EQ(held.lost_names(), std::vector<lock_name>{lock_name("y")});
    EXPECT_FALSE(*fleet.run(kept.release()));
    EXPECT_FALSE(fleet.look("x").held);
    EXPECT_EQ(fleet.text({"GET", "y"}), "thief");
}

TEST_P(multi_locks, breaking_one_name_tells_the_holder) {
    const auto held = take(*fleet.a, {"x", "y"});
    auto kept = fleet.a->locks.keep(held.whole());
    const auto bar = fleet.run(fleet.b->locks.force_break(lock_name("y")));
    ASSERT_TRUE(bar);
    EXPECT_GT(*bar, held.fence_of(lock_name("y")));
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::broken);
    EXPECT_EQ(held.lost_names(), std::vector<lock_name>{lock_name("y")});
}

TEST_P(multi_locks, extending_touches_all_that_are_left) {
    const auto held = take(*fleet.a, {"x", "y"});
    fleet.raw({"PEXPIRE", "x", "500"});
    EXPECT_TRUE(fleet.run(fleet.a->locks.extend(held.whole())));
    EXPECT_GT(fleet.raw({"PTTL", "x"}).as_integer(), 5000);
    fleet.raw({"PEXPIRE", "x", "500"});
    fleet.raw({"DEL", "y"});
    EXPECT_EQ(fleet.run(fleet.a->locks.extend(held.whole())).error(), errc::lease_lost);
    EXPECT_GT(fleet.raw({"PTTL", "x"}).as_integer(), 5000);
    EXPECT_EQ(held.lost_names(), std::vector<lock_name>{lock_name("y")});
}

TEST_P(multi_locks, a_dead_holder_is_waited_out) {
    const auto dead = take(*fleet.a, {"x", "y"}, milliseconds{300});
    auto all = queue(*fleet.b, {"y", "x"}, "x", hours{1});  // its heartbeat is far away
    fleet.until([&] { return all->done(); });
    EXPECT_FALSE(dead.valid(fleet.now()));
    EXPECT_GT(all->value().fence_of(lock_name("x")), dead.fence_of(lock_name("x")));
}

TEST_P(multi_locks, a_wait_that_is_over_leaves_no_trace) {
    const auto held = fleet.take(*fleet.a, "y");
    auto all = queue(*fleet.b, {"x", "y"}, "y");
    EXPECT_TRUE(fleet.look("x").held);
    all->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return all->done(); });
    EXPECT_EQ(all->error(), errc::cancelled);
    fleet.until([&] { return nothing_is_held({"x"}) && fleet.look("y").queue_length == 0; });
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    const auto until = fleet.now() + milliseconds{40};
    const auto again = fleet.take(*fleet.a, "y");
    EXPECT_EQ(fleet.run(at(*fleet.b, {"x", "y"}).acquire(until)).error(), errc::timed_out);
    fleet.until([&] { return nothing_is_held({"x"}) && fleet.look("y").queue_length == 0; });
}

TEST_P(multi_locks, keys_of_another_type_are_left_alone) {
    fleet.raw({"HSET", "h", "f", "v"});
    EXPECT_EQ(try_take_all(*fleet.a, {"x", "h"}), errc::wrong_type);
    EXPECT_EQ(try_take_all(*fleet.a, {"x", "hf:q:{x}:x"}), errc::invalid_argument);
    EXPECT_TRUE(nothing_is_held({"x"}));
}

TEST(lock_names, are_few_and_distinct) {
    EXPECT_EQ(lock_names::parse({}).error(), errc::invalid_argument);
    EXPECT_EQ(lock_names::parse({lock_name("a"), lock_name("b"), lock_name("a")}).error(),
              errc::invalid_argument);
    std::vector<lock_name> many;
    for (int i = 0; i < 65; ++i) many.emplace_back(std::to_string(i));
    EXPECT_EQ(lock_names::parse(many).error(), errc::invalid_argument);
    many.pop_back();
    EXPECT_EQ(lock_names::parse(many)->all().size(), 64U);
}

INSTANTIATE_TEST_SUITE_P(memory, multi_locks, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, multi_locks, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
