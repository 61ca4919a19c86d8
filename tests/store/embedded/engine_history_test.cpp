// What the simulator builds on: snapshots, forgotten writes, a full store.
#include "store/embedded/journal_fixture.hpp"

namespace holdfast::test {
namespace {

class engine_history : public testing::Test {
protected:
    engine_history() {
        embedded_engine::options o;
        o.history = 8;
        engine_ = std::make_unique<embedded_engine>(o);
    }
    embedded::answer run(const std::string& text) {
        const owned_script what(text);
        return engine_->call(what.get(), {}, {}, from_unix_seconds(1'700'000'000));
    }
    std::string now_holds() { return contents(engine_->snapshot()); }

    std::unique_ptr<embedded_engine> engine_;
};

TEST_F(engine_history, forgets_exactly_the_last_writes) {
    std::vector<std::string> states{now_holds()};
    for (const auto* text : {"redis.call('SET', 'k', 1, 'PX', 5000)",
                             "redis.call('INCR', 'k') redis.call('SADD', 's', 1)",
                             "redis.call('ZADD', 'z', 1, 'a')", "redis.call('ZPOPMIN', 'z')",
                             "redis.call('XADD', 'x', '*', 'f', 'v')", "redis.call('DEL', 'k')"}) {
        run(text);
        run("return redis.call('GET', 'k')");
        states.push_back(now_holds());
    }
    EXPECT_EQ(engine_->writes(), 6U);
    for (std::size_t left = 6; left > 0; --left) {
        EXPECT_EQ(now_holds(), states[left]);
        engine_->roll_back(1);
    }
    EXPECT_EQ(now_holds(), states[0]);
    engine_->roll_back(100);
    EXPECT_EQ(now_holds(), states[0]);
}

// Older writes become part of what a roll-back starts from: many at a time, and exactly.
TEST_F(engine_history, forgets_the_last_of_many_writes_and_keeps_those_before) {
    std::vector<std::string> states;
    for (int i = 0; i < 100; ++i) {
        run("redis.call('RPUSH', 'l', redis.call('INCR', 'k')) redis.call('SET', 't', 1, 'PX', " +
            std::to_string(1000 + i) + ")");
        states.push_back(now_holds());
    }
    EXPECT_EQ(engine_->writes(), 100U);
    engine_->roll_back(5);
    EXPECT_EQ(now_holds(), states[94]);
    EXPECT_EQ(engine_->writes(), 95U);
    engine_->roll_back(3);
    EXPECT_EQ(now_holds(), states[91]);
}

TEST_F(engine_history, nothing_before_its_beginning_is_forgotten) {
    run("redis.call('SET', 'k', 1)");
    engine_->begin_history();
    EXPECT_EQ(engine_->writes(), 0U);
    const auto begun = now_holds();
    run("redis.call('SET', 'k', 2)");
    engine_->roll_back(3);
    EXPECT_EQ(now_holds(), begun);
}

TEST_F(engine_history, restores_a_snapshot_and_leaves_it_untouched) {
    run("redis.call('SET', 'k', 'old', 'PX', 1000) redis.call('ZADD', 'z', 1, 'a', 2, 'b')");
    const auto kept = engine_->snapshot();
    const auto before = now_holds();
    run("redis.call('SET', 'k', 'new') redis.call('ZREM', 'z', 'a') redis.call('SET', 'more', 1)");
    EXPECT_NE(now_holds(), before);
    engine_->restore(kept);
    EXPECT_EQ(now_holds(), before);
    EXPECT_EQ(engine_->writes(), 0U);
    run("redis.call('DEL', 'k')");
    engine_->restore(kept);
    EXPECT_EQ(now_holds(), before);
}

TEST_F(engine_history, refuses_only_what_needs_memory_when_full) {
    run("redis.call('SET', 'k', 1)");
    engine_->set_out_of_memory(true);
    EXPECT_EQ(run("return redis.call('INCR', 'k')").text.substr(0, 4), "OOM ");
    EXPECT_EQ(to_reply(run("return redis.call('INCR', 'k')")).error(), errc::out_of_memory);
    EXPECT_EQ(run("return redis.call('GET', 'k')").text, "1");
    EXPECT_EQ(run("return redis.call('DEL', 'k')").number, 1);
    engine_->set_out_of_memory(false);
    EXPECT_EQ(run("return redis.call('INCR', 'k')").number, 1);
}

TEST_F(engine_history, two_engines_given_the_same_calls_hold_the_same) {
    const auto work = [] {
        embedded_engine engine;
        for (int i = 0; i < 200; ++i) {
            const owned_script what(
                "local n = redis.call('INCR', 'n') redis.call('SET', 'k' .. math.random(20), n, "
                "'PX', "
                "100) redis.call('SADD', 's', math.random(50)) return redis.call('KEYS', '*')");
            engine.call(what.get(), {}, {}, from_unix_ms(1'700'000'000'000 + i));
        }
        return contents(engine.snapshot());
    };
    EXPECT_EQ(work(), work());
}

}  // namespace
}  // namespace holdfast::test
