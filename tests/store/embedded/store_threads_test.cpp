// Several runtimes of one process over one engine.
#include "store/contract/script_of.hpp"
#include "store/embedded/embedded_store.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::test {
namespace {

using embedded::embedded_engine;

TEST(embedded_store_threads, count_together_without_losing_one) {
    const auto engine = std::make_shared<embedded_engine>();
    constexpr int threads = 4;
    constexpr int rounds = 2000;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
        all.emplace_back([&engine] {
            real_world world;
            embedded_store store(world.runtime, engine, "hf:");
            const owned_script incr("return redis.call('INCR', KEYS[1])");
            const auto counting = incr.get();  // outlives the call that is started below
            for (int i = 0; i < rounds; ++i) {
                auto one = store.run(counting, script_keys("n"), script_args());
                ASSERT_TRUE(world.run(std::move(one)));
            }
        });
    for (auto& t : all) t.join();
    real_world world;
    embedded_store store(world.runtime, engine, "hf:");
    const owned_script get("return redis.call('GET', KEYS[1])");
    EXPECT_EQ(world.run(store.run(get.get(), script_keys("n"), script_args()))->as_text(),
              std::to_string(threads * rounds));
}

// Each store is destroyed while messages that another thread published wait in its executor.
TEST(embedded_store_threads, may_be_destroyed_while_pushes_are_on_their_way) {
    const auto engine = std::make_shared<embedded_engine>();
    const owned_script publish("return redis.call('PUBLISH', 'hf:fleet', 'lock x')");
    real_world world;
    int received = 0;
    for (int i = 0; i < 100; ++i) {
        auto store = std::make_unique<embedded_store>(world.runtime, engine, "hf:");
        auto listening = store->pushes().listen("lock", [&](std::string_view) { ++received; });
        std::thread publisher([&] {
            for (int n = 0; n < 10; ++n) engine->call(publish.get(), {}, {}, wall_time{});
        });
        world.context.restart();
        world.context.poll_one();
        listening = {};
        store.reset();
        publisher.join();
    }
    const auto before = received;
    world.context.restart();
    world.context.run();
    EXPECT_EQ(received, before);
}

TEST(embedded_store_threads, receives_what_another_thread_published) {
    const auto engine = std::make_shared<embedded_engine>();
    real_world world;
    embedded_store store(world.runtime, engine, "hf:");
    std::string got;
    const auto listening = store.pushes().listen("job", [&](std::string_view p) { got = p; });
    std::thread publisher([&] {
        const owned_script publish("return redis.call('PUBLISH', ARGV[1], 'job now')");
        const std::vector<std::string> args{store.process_channel()};
        EXPECT_EQ(engine->call(publish.get(), {}, args, wall_time{}).number, 1);
    });
    publisher.join();
    EXPECT_EQ(got, "");
    world.context.restart();
    world.context.run();
    EXPECT_EQ(got, "now");
}

}  // namespace
}  // namespace holdfast::test
