// What every store promises, as tests over a factory. Include it in ONE file of a test program and
// `INSTANTIATE_TEST_SUITE_P(redis, store_contract, testing::Values(maker))`,
// where `maker` is a store_world_maker. Each test makes a world of its own, with an empty data set.
#pragma once

#include "holdfast/store.hpp"
#include "runtime/deadline.hpp"
#include "runtime/wake_event.hpp"
#include "store/contract/script_of.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::test {

/// Stores over one data set, all on the runtime of one world.
class store_world {
public:
    virtual ~store_world() = default;
    /// A further store, connected and subscribed when this returns. It is closed before the world
    /// ends.
    virtual std::unique_ptr<store> open(real_world& world) = 0;
};
using store_world_maker = std::function<std::unique_ptr<store_world>()>;

class store_contract : public testing::TestWithParam<store_world_maker> {
protected:
    store_contract() : stores_(GetParam()()) { first_ = stores_->open(world_); }
    ~store_contract() override { world_.run(first_->close()); }

    result<reply> run_on(store& on, const std::string& text, std::vector<std::string> keys = {},
                         std::vector<std::string> args = {}) {
        const owned_script what(text);
        script_keys k;
        for (auto& key : keys) k = with(std::move(k), std::move(key));
        script_args a;
        for (auto& arg : args) a.add(std::move(arg));
        return world_.run(on.run(what.get(), std::move(k), std::move(a)));
    }
    result<reply> run(const std::string& text, std::vector<std::string> keys = {},
                      std::vector<std::string> args = {}) {
        return run_on(*first_, text, std::move(keys), std::move(args));
    }

    /// The next message on the topic, or "(none)" after five seconds.
    std::string await_push(store& on, const std::string& topic, const std::function<void()>& act) {
        wake_event came(world_.runtime.executor());
        std::string got = "(none)";
        const auto listening = on.pushes().listen(topic, [&](std::string_view payload) {
            got = payload;
            came.notify_all();
        });
        act();
        const auto waiting = [&]() -> task<void> {
            if (got != "(none)") co_return;
            auto wait = came.wait();
            co_await before_deadline(world_.runtime, world_.runtime.now() + seconds(5),
                                     std::move(wait));
        };
        world_.run(waiting());
        return got;
    }

    real_world world_;
    std::unique_ptr<store_world> stores_;
    std::unique_ptr<store> first_;

private:
    static script_keys with(script_keys keys, std::string key) {
        const auto& had = keys.values();
        switch (had.size()) {
            case 0: return script_keys(std::move(key));
            case 1: return script_keys(had[0], std::move(key));
            default: return script_keys(had[0], had[1], std::move(key));
        }
    }
};

TEST_P(store_contract, keeps_what_a_script_wrote) {
    ASSERT_TRUE(run("return redis.call('SET', KEYS[1], ARGV[1])", {"{c}k"}, {"v"}));
    EXPECT_EQ(run("return redis.call('GET', KEYS[1])", {"{c}k"})->as_text(), "v");
}

TEST_P(store_contract, gives_keys_and_arguments_byte_for_byte) {
    const std::string bytes("a\0\r\n\xff {}", 8);
    const auto echoed = run("return {KEYS[1], ARGV[1], #KEYS, #ARGV}", {"{c}k"}, {bytes});
    ASSERT_TRUE(echoed);
    EXPECT_EQ((*echoed)[0].as_text(), "{c}k");
    EXPECT_EQ((*echoed)[1].as_text(), bytes);
    EXPECT_EQ((*echoed)[2].as_integer(), 1);
    EXPECT_EQ((*echoed)[3].as_integer(), 1);
}

TEST_P(store_contract, converts_every_kind_of_lua_value) {
    const auto all = run("return {1, 'x', true, false, 3.9, -3.9, {ok='FINE'}, {1, {2}}, {}, 7}");
    ASSERT_TRUE(all);
    EXPECT_EQ(to_string(*all), R"([1, "x", 1, nil, 3, -3, "FINE", [1, [2]], [], 7])");
    EXPECT_EQ(run("return {1, nil, 3}")->items().size(), 1U);
    EXPECT_TRUE(run("return nil")->is_nil());
    EXPECT_TRUE(run("return redis.call('GET', KEYS[1])", {"{c}none"})->is_nil());
}

TEST_P(store_contract, says_wrong_type_when_a_key_holds_another_type) {
    ASSERT_TRUE(run("return redis.call('LPUSH', KEYS[1], 1)", {"{c}k"}));
    const auto refused = run("return redis.call('INCR', KEYS[1])", {"{c}k"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::wrong_type);
}

TEST_P(store_contract, says_script_error_when_a_script_raises_or_does_not_compile) {
    for (const auto* text : {"error('boom')", "return redis.call('NOSUCH')", "return nosuch",
                             "return redis.error_reply('MINE no')", "x = 1", "return ("}) {
        const auto failed = run(text);
        ASSERT_FALSE(failed) << text;
        EXPECT_EQ(failed.error(), errc::script_error) << text;
    }
}

TEST_P(store_contract, goes_on_after_an_error_that_a_script_caught) {
    const auto caught =
        run("redis.call('SET', KEYS[1], 'x') local r = redis.pcall('INCR', KEYS[1]) "
            "return {type(r.err), redis.call('GET', KEYS[1])}",
            {"{c}k"});
    ASSERT_TRUE(caught);
    EXPECT_EQ(to_string(*caught), R"(["string", "x"])");
}

TEST_P(store_contract, forgets_a_key_when_its_time_is_over) {
    ASSERT_TRUE(run("return redis.call('SET', KEYS[1], 'v', 'PX', 30)", {"{c}k"}));
    const auto sleep = [this]() -> task<void> {
        co_await world_.runtime.sleep_until(world_.runtime.now() + milliseconds(60));
    };
    world_.run(sleep());
    EXPECT_EQ(run("return redis.call('EXISTS', KEYS[1])", {"{c}k"})->as_integer(), 0);
    EXPECT_EQ(run("return redis.call('PTTL', KEYS[1])", {"{c}k"})->as_integer(), -2);
}

TEST_P(store_contract, tells_the_time_in_seconds_and_microseconds) {
    const auto told = run("return redis.call('TIME')");
    ASSERT_TRUE(told);
    const auto seconds_told = (*told)[0].integer();
    ASSERT_TRUE(seconds_told);
    EXPECT_NEAR(static_cast<double>(*seconds_told),
                static_cast<double>(to_unix_seconds(world_.runtime.wall_now())), 60);
    EXPECT_LT((*told)[1].integer().value(), 1'000'000);
}

TEST_P(store_contract, shares_one_data_set_among_stores) {
    auto second = stores_->open(world_);
    ASSERT_TRUE(run("return redis.call('SET', KEYS[1], 'v')", {"{c}k"}));
    EXPECT_EQ(run_on(*second, "return redis.call('GET', KEYS[1])", {"{c}k"})->as_text(), "v");
    world_.run(second->close());
}

TEST_P(store_contract, pushes_to_one_process_only_the_one_asked_for) {
    auto second = stores_->open(world_);
    EXPECT_NE(first_->process_channel(), second->process_channel());
    EXPECT_EQ(first_->fleet_channel(), second->fleet_channel());
    bool leaked = false;
    const auto other = first_->pushes().listen("lock", [&](std::string_view) { leaked = true; });
    const auto got = await_push(*second, "lock", [&] {
        const auto receivers = run("return redis.call('PUBLISH', ARGV[1], 'lock one two')", {},
                                   {second->process_channel()});
        EXPECT_EQ(receivers->as_integer(), 1);
    });
    EXPECT_EQ(got, "one two");
    EXPECT_FALSE(leaked);
    world_.run(second->close());
}

TEST_P(store_contract, pushes_to_the_fleet_reach_every_process) {
    auto second = stores_->open(world_);
    std::string first_got;
    const auto first = first_->pushes().listen("token", [&](std::string_view p) { first_got = p; });
    const auto publish = [&] {
        EXPECT_EQ(
            run("return redis.call('PUBLISH', ARGV[1], 'token x')", {}, {first_->fleet_channel()})
                ->as_integer(),
            2);
    };
    EXPECT_EQ(await_push(*second, "token", publish), "x");
    if (first_got.empty()) {
        EXPECT_EQ(await_push(*first_, "token", [] {}), "x");
    }
    world_.run(second->close());
}

TEST_P(store_contract, counts_no_receiver_after_close) {
    auto second = stores_->open(world_);
    const auto channel = second->process_channel();
    world_.run(second->close());
    const auto publish = [&] {
        return run("return redis.call('PUBLISH', ARGV[1], 'lock x')", {}, {channel})->as_integer();
    };
    const auto until = world_.runtime.now() + seconds(5);
    while (publish() != 0 && world_.runtime.now() < until) continue;
    EXPECT_EQ(publish(), 0);
}

TEST_P(store_contract, refuses_calls_after_close_and_may_be_closed_twice) {
    auto second = stores_->open(world_);
    EXPECT_TRUE(second->connected());
    world_.run(second->close());
    world_.run(second->close());
    EXPECT_FALSE(second->connected());
    const auto refused = run_on(*second, "return 1");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::shutting_down);
}

TEST_P(store_contract, carries_large_arguments_and_replies) {
    std::string large(3'000'000, '\0');
    for (std::size_t i = 0; i < large.size(); i += 7) large[i] = static_cast<char>(i);
    ASSERT_TRUE(run("return redis.call('SET', KEYS[1], ARGV[1])", {"{c}k"}, {large}));
    EXPECT_EQ(run("return redis.call('GET', KEYS[1])", {"{c}k"})->as_text(), large);
    const auto many = run("local t = {} for i = 1, 20000 do t[i] = i end return t");
    ASSERT_EQ(many->items().size(), 20000U);
    EXPECT_EQ((*many)[19999].as_integer(), 20000);
}

TEST_P(store_contract, executes_calls_in_flight_in_the_order_in_which_they_were_made) {
    const owned_script append("return redis.call('RPUSH', KEYS[1], ARGV[1])");
    int running = 100;
    wake_event ended(world_.runtime.executor());
    const auto one = [&](int i) -> task<void> {
        script_keys keys("{c}list");
        script_args args(i);
        const auto answer = co_await first_->run(append.get(), std::move(keys), std::move(args));
        EXPECT_EQ(answer->as_integer(), i + 1);
        --running;
        ended.notify_all();
    };
    for (int i = 0; i < 100; ++i)
        boost::asio::co_spawn(world_.context, one(i), boost::asio::detached);
    const auto all = [&]() -> task<void> {
        while (running > 0) co_await ended.wait();
    };
    world_.run(all());
    EXPECT_EQ(run("return redis.call('LINDEX', KEYS[1], 57)", {"{c}list"})->as_text(), "57");
}

TEST_P(store_contract, delivers_the_pushes_of_one_script_in_order) {
    std::string got;
    const auto listening =
        first_->pushes().listen("n", [&](std::string_view payload) { got += payload; });
    const auto publish = [&] {
        EXPECT_TRUE(
            run("for i = 1, 9 do redis.call('PUBLISH', ARGV[1], 'n ' .. i) end "
                "redis.call('PUBLISH', ARGV[1], 'last x')",
                {}, {first_->process_channel()}));
    };
    EXPECT_EQ(await_push(*first_, "last", publish), "x");
    EXPECT_EQ(got, "123456789");
}

TEST_P(store_contract, keeps_what_a_script_wrote_and_published_before_it_raised) {
    const auto half = [&] {
        const auto failed =
            run("redis.call('SET', KEYS[1], 'v') "
                "redis.call('PUBLISH', ARGV[1], 'half done') error('boom')",
                {"{c}k"}, {first_->process_channel()});
        EXPECT_EQ(failed.error(), errc::script_error);
    };
    EXPECT_EQ(await_push(*first_, "half", half), "done");
    EXPECT_EQ(run("return redis.call('GET', KEYS[1])", {"{c}k"})->as_text(), "v");
}

TEST_P(store_contract, counts_nobody_on_a_channel_that_nobody_hears) {
    EXPECT_EQ(run("return redis.call('PUBLISH', 'hf:ch:nobody', 'x y')")->as_integer(), 0);
}

TEST_P(store_contract, runs_the_same_script_many_times) {
    for (int i = 1; i <= 200; ++i)
        ASSERT_EQ(run("return redis.call('INCR', KEYS[1])", {"{c}n"})->as_integer(), i);
}

}  // namespace holdfast::test
