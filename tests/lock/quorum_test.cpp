// The quorum lock over real servers: every mask of dead ones, slow ones, restarted ones, twins.
#include "holdfast/quorum_locker.hpp"

#include "store/embedded/embedded_store.hpp"
#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"
#include "support/run.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace holdfast::test {
namespace {

const lock_name name("n");
const lease_ttl ttl(milliseconds{5000});

/// Three servers, and any number of processes that know all of them.
class quorum : public testing::Test {
protected:
    struct process {
        process(quorum& of, quorum_options options) {
            for (auto& server : of.servers) {
                auto url = parse_redis_url(server->url() + "?timeout=300&connect_timeout=300");
                stores.push_back(std::make_unique<redis_store>(
                    of.world.runtime, null_journal(), logger(log_level::off, log_format::text),
                    std::move(*url)));
                (void)of.world.run(stores.back()->start());
            }
            locks =
                std::make_unique<quorum_locker>(of.world.runtime, nodes(), null_journal(), options);
        }
        std::vector<quorum_node> nodes() {
            std::vector<quorum_node> all;
            for (std::size_t i = 0; i < stores.size(); ++i)
                all.push_back({std::string(1, static_cast<char>('a' + i)), stores[i].get()});
            return all;
        }
        std::vector<std::unique_ptr<redis_store>> stores;
        std::unique_ptr<quorum_locker> locks;
    };

    quorum() {
        for (int i = 0; i < 3; ++i) servers.push_back(std::make_unique<redis_server>());
    }
    static quorum_options quick() {
        quorum_options options;
        options.node_timeout = milliseconds{400};
        options.longest_lease = ttl.span();
        return options;
    }
    /// Makes the servers' data sets look old enough to count.
    void age() {
        for (auto& server : servers) make_old(*server);
    }
    static void make_old(redis_server& server) {
        server.cli({"SET", "hf:node", "data-" + std::to_string(server.port()) + " 1000"});
    }
    process join(quorum_options options = quick()) { return process(*this, options); }
    result<lease> take(process& who, lease_ttl span = ttl) {
        return world.run(who.locks->try_acquire(name, span, &why));
    }
    bool give(process& who, const lease& held) { return *world.run(who.locks->release(held)); }
    std::string value_at(std::size_t node) { return servers[node]->cli({"GET", "n"}); }
    bool wait_for(const std::function<bool()>& holds) {
        const auto limit = world.runtime.now() + seconds{20};
        while (!holds() && world.runtime.now() < limit)
            world.run(world.runtime.sleep_until(world.runtime.now() + milliseconds{5}));
        return holds();
    }

    real_world world;
    std::vector<std::unique_ptr<redis_server>> servers;
    std::string why;
};

/// Servers that have been up for longer than the longest lease, by their process too.
class old_quorum : public quorum {
protected:
    static quorum_options forgiving() {
        auto options = quick();
        options.longest_lease = ttl.span();
        return options;
    }
    old_quorum() {
        for (auto& server : servers)
            EXPECT_TRUE(wait_until([&] {
                const auto info = server->cli({"INFO", "server"});
                const auto at = info.find("uptime_in_seconds:");
                return std::atoi(info.c_str() + at + 18) > ttl.span().count() / 1000 + 1;
            }));
        age();
    }
};

TEST_F(old_quorum, works_while_a_majority_does_and_leaves_nothing_where_it_fails) {
    auto one = join();
    auto two = join();
    fencing_token last;
    for (unsigned mask = 0; mask < 8; ++mask) {
        for (std::size_t i = 0; i < 3; ++i)
            if ((mask >> i & 1U) != 0) servers[i]->process().signal(SIGSTOP);
        const auto down = std::popcount(mask);
        auto got = take(one);
        if (down <= 1) {
            ASSERT_TRUE(got) << mask << ": " << why;
            EXPECT_GT(got->fence(), last);
            last = got->fence();
            EXPECT_EQ(take(two).error(), errc::busy) << mask;
            const std::string taken = ": held by somebody else";  // and where
            int where = 0;
            for (const char node : {'a', 'b', 'c'})
                where += why.find(node + taken) != std::string::npos ? 1 : 0;
            EXPECT_GE(where, 2) << why;
            EXPECT_TRUE(give(one, *got)) << mask;
        } else {
            EXPECT_EQ(got.error(), errc::store_unavailable) << mask;
            for (std::size_t i = 0; i < 3; ++i)
                EXPECT_NE(why.find(std::string(1, static_cast<char>('a' + i)) + ": "),
                          std::string::npos)
                    << why;
        }
        for (auto& server : servers) server->process().signal(SIGCONT);
        EXPECT_TRUE(wait_for([&] {
            bool all_up = true;
            for (auto& p : {&one, &two})
                for (auto& st : p->stores) all_up = all_up && st->connected();
            return all_up;
        }));
        // What a stopped server was sent, it runs now: the takes, and then the releases.
        EXPECT_TRUE(wait_for([&] {
            return value_at(0).empty() && value_at(1).empty() && value_at(2).empty();
        })) << mask;
    }
}

TEST_F(old_quorum, two_of_three_cannot_both_be_held) {
    auto one = join();
    auto two = join();
    for (int i = 0; i < 20; ++i) {
        std::optional<result<lease>> first, second;
        auto run = [&](process& who, std::optional<result<lease>>& into) -> task<void> {
            into.emplace(co_await who.locks->try_acquire(name, ttl));
        };
        boost::asio::co_spawn(world.context, run(one, first), boost::asio::detached);
        boost::asio::co_spawn(world.context, run(two, second), boost::asio::detached);
        ASSERT_TRUE(wait_for([&] { return first && second; }));
        EXPECT_FALSE(*first && *second);
        if (*first) give(one, **first);
        if (*second) give(two, **second);
        ASSERT_TRUE(wait_for(
            [&] { return value_at(0).empty() && value_at(1).empty() && value_at(2).empty(); }));
    }
    EXPECT_TRUE(take(one)) << why;
}

TEST_F(old_quorum, a_slow_node_costs_nothing_while_the_others_answer) {
    auto one = join();
    ASSERT_TRUE(take(one)) << why;
    servers[2]->cli({"FLUSHALL"});
    servers[0]->cli({"DEL", "n"});
    servers[1]->cli({"DEL", "n"});
    servers[2]->process().signal(SIGSTOP);
    const auto before = world.runtime.now();
    const auto got = take(one);
    EXPECT_LT(world.runtime.now(), before + quick().node_timeout);
    ASSERT_TRUE(got) << why;
    servers[2]->process().signal(SIGCONT);
    EXPECT_TRUE(give(one, *got));
}

TEST_F(old_quorum, a_node_that_restarted_empty_does_not_count_for_the_longest_lease) {
    auto one = join();
    auto two = join();
    const auto held = take(one).value();
    // One that holds restarts empty, one of the other two is down: no majority knows of the lease.
    servers[0]->stop();
    servers[0]->start();
    servers[1]->stop();
    ASSERT_TRUE(wait_for([&] { return two.stores[0]->connected(); }));
    // The first attempts may still meet the connection that broke.
    EXPECT_TRUE(wait_for([&] {
        EXPECT_FALSE(take(two));
        return why.find("a: too young") != std::string::npos;
    })) << why;
    EXPECT_TRUE(held.valid(world.runtime.now()));
}

TEST_F(old_quorum, h12_tokens_rise_although_every_holder_sees_another_majority) {
    auto one = join();
    fencing_token last;
    servers[0]->cli({"SET", "hf:f:{n}:n", "9000000000000000"});  // far ahead of the others
    for (int i = 0; i < 9; ++i) {
        auto& away = *servers[static_cast<std::size_t>(i) % 3];
        if (i > 0) away.process().signal(SIGSTOP);
        const auto got = take(one);
        ASSERT_TRUE(got) << why;
        EXPECT_GT(got->fence(), last) << i;
        last = got->fence();
        EXPECT_TRUE(give(one, *got));
        away.process().signal(SIGCONT);
        ASSERT_TRUE(wait_for([&] {
            for (auto& st : one.stores)
                if (!st->connected()) return false;
            return value_at(0).empty() && value_at(1).empty() && value_at(2).empty();
        }));
    }
    EXPECT_GT(last, fencing_token(9000000000000000));
}

TEST_F(old_quorum, an_extension_needs_a_majority_and_a_split_is_seen) {
    auto one = join();
    const auto held = take(one).value();
    servers[0]->cli({"SET", "n", "somebody"});
    const auto longer = world.run(one.locks->extend(held, &why));
    ASSERT_TRUE(longer) << why;
    EXPECT_GT(longer->valid_until(), held.valid_until());
    servers[1]->cli({"SET", "n", "somebody else"});
    EXPECT_EQ(world.run(one.locks->extend(*longer, &why)).error(), errc::lease_lost);
    EXPECT_NE(why.find("a: held by somebody else"), std::string::npos) << why;
    EXPECT_FALSE(give(one, *longer));
    EXPECT_EQ(value_at(0), "somebody");
    EXPECT_EQ(value_at(1), "somebody else");
    EXPECT_EQ(value_at(2), "");
}

TEST_F(old_quorum, who_waits_gets_it_when_it_is_free) {
    auto one = join();
    auto two = join();
    const auto held = take(one).value();
    std::optional<result<lease>> got;
    auto wait = [&]() -> task<void> {
        got.emplace(co_await two.locks->acquire(name, ttl, world.runtime.now() + seconds{30}));
    };
    boost::asio::co_spawn(world.context, wait(), boost::asio::detached);
    EXPECT_TRUE(give(one, held));
    ASSERT_TRUE(wait_for([&] { return got.has_value(); }));
    ASSERT_TRUE(*got);
    EXPECT_GT((*got)->fence(), held.fence());
    auto impatient = one.locks->acquire(name, ttl, world.runtime.now() + milliseconds{50});
    EXPECT_EQ(world.run(std::move(impatient)).error(), errc::timed_out);
}

TEST_F(old_quorum, a_kept_lease_outlives_its_ttl_and_a_minority_but_not_a_majority) {
    auto one = join();
    auto two = join();
    const lease_ttl brief(milliseconds{2500});
    std::vector<steady_time> ends;
    keep_options options;
    options.on_extended = [&](steady_time until) { ends.push_back(until); };
    const auto granted = take(one, brief).value();
    auto kept = one.locks->keep(granted, options);
    ASSERT_TRUE(wait_for([&] { return world.runtime.now() > granted.valid_until(); }));
    EXPECT_TRUE(kept.valid(world.runtime.now())) << name_of(kept.reason());
    servers[1]->stop();
    const auto then = kept.valid_until();
    ASSERT_TRUE(wait_for([&] { return world.runtime.now() > then + brief.span(); }));
    EXPECT_TRUE(kept.valid(world.runtime.now())) << name_of(kept.reason());
    EXPECT_FALSE(take(two));
    servers[2]->stop();
    ASSERT_TRUE(wait_for([&] { return kept.lost().stop_requested(); }));
    EXPECT_EQ(kept.reason(), lost_reason::expired_locally);
    EXPECT_GE(world.runtime.now(), ends.back());
    EXPECT_EQ(kept.valid_until(), ends.back());
    EXPECT_FALSE(*world.run(kept.release()));
}

TEST_F(old_quorum, a_kept_lease_is_lost_when_a_majority_holds_something_else) {
    auto one = join();
    auto kept = one.locks->keep(take(one).value());
    servers[0]->cli({"SET", "n", "somebody"});
    servers[1]->cli({"SET", "n", "somebody else"});
    ASSERT_TRUE(wait_for([&] { return kept.lost().stop_requested(); }));
    EXPECT_EQ(kept.reason(), lost_reason::taken_over);
    EXPECT_LT(world.runtime.now(), kept.valid_until());
    EXPECT_FALSE(kept.valid(world.runtime.now()));
    EXPECT_FALSE(*world.run(kept.release()));
    world.run(one.locks->close());
    EXPECT_EQ(value_at(0), "somebody");
    EXPECT_EQ(value_at(2), "");
}

TEST_F(old_quorum, a_kept_lease_is_given_back_everywhere_by_release_and_by_dropping_it) {
    auto one = join();
    auto kept = one.locks->keep(take(one).value());
    const auto fence = kept.fence();
    EXPECT_TRUE(*world.run(kept.release()));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(value_at(i), "") << i;
    EXPECT_TRUE(kept.lost().stop_requested());
    EXPECT_EQ(kept.reason(), lost_reason::released);
    EXPECT_FALSE(*world.run(kept.release()));
    kept = one.locks->keep(take(one).value());
    EXPECT_GT(kept.fence(), fence);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NE(value_at(i), "") << i;
    kept = quorum_hold();
    world.run(one.locks->close());
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(value_at(i), "") << i;
    EXPECT_FALSE(*world.run(kept.release()));
}

TEST_F(quorum, servers_that_are_new_do_not_count_yet) {
    auto one = join();
    EXPECT_EQ(take(one).error(), errc::store_unavailable);
    EXPECT_NE(why.find("too young"), std::string::npos) << why;
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(wait_for([&] { return value_at(i).empty(); }));
}

TEST_F(quorum, one_server_given_twice_is_refused) {
    auto one = join();
    auto nodes = one.nodes();
    nodes[1].at = one.stores[0].get();
    quorum_locker twins(world.runtime, nodes, null_journal(), quick());
    EXPECT_EQ(world.run(twins.try_acquire(name, ttl, &why)).error(), errc::invalid_configuration);
    EXPECT_EQ(why.substr(0, 24), "a and b are one data set");
    auto through_two_doors = join();
    nodes = one.nodes();
    nodes[1].at = through_two_doors.stores[0].get();
    quorum_locker doors(world.runtime, nodes, null_journal(), quick());
    EXPECT_EQ(world.run(doors.try_acquire(name, ttl)).error(), errc::invalid_configuration);
}

TEST_F(quorum, bad_arguments_are_refused) {
    auto one = join();
    EXPECT_EQ(take(one, lease_ttl(ttl.span() + milliseconds{1})).error(), errc::invalid_argument);
    auto side = one.locks->try_acquire(lock_name("hf:q:{n}:n"), ttl);
    EXPECT_EQ(world.run(std::move(side)).error(), errc::invalid_argument);
    const auto refused = [&](std::vector<quorum_node> nodes, quorum_options options) {
        try {
            quorum_locker made(world.runtime, std::move(nodes), null_journal(), options);
            return errc{};
        } catch (const boost::system::system_error& error) {
            return errc_of(error.code());
        }
    };
    EXPECT_EQ(refused({}, quick()), errc::invalid_configuration);
    EXPECT_EQ(refused({{"a", nullptr}}, quick()), errc::invalid_configuration);
    EXPECT_EQ(refused(one.nodes(), quick()), errc{});
    for (const auto odd : {milliseconds{0}, milliseconds{-1}, milliseconds::max()}) {
        auto options = quick();
        options.node_timeout = odd;
        EXPECT_EQ(refused(one.nodes(), options), errc::invalid_configuration);
        options = quick();
        options.longest_lease = odd;
        EXPECT_EQ(refused(one.nodes(), options), errc::invalid_configuration);
    }
}

}  // namespace
}  // namespace holdfast::test
