// The engine against a real redis-server: the same commands, the same answers.
#include "runtime/asio_runtime.hpp"
#include "store/contract/script_of.hpp"
#include "store/embedded/differential/cases.hpp"
#include "store/embedded/differential/peer.hpp"
#include "store/embedded/differential/random_commands.hpp"
#include "store/embedded/embedded_engine.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace holdfast::test {
namespace {

class differential : public testing::Test {
protected:
    static void SetUpTestSuite() { peer_ = std::make_unique<redis_peer>(); }
    static void TearDownTestSuite() { peer_.reset(); }

    /// Runs one step on both sides; the difference in words, or nothing.
    std::string difference(const diff_step& step) {
        const owned_script what(step.script());
        const auto ours =
            normal_form(engine_.call(what.get(), {}, step.words, runtime_.wall_now()), step.words);
        const auto theirs = normal_form(peer_->eval(step.script(), step.words), step.words);
        if (same(ours, theirs, step.words)) return {};
        return to_text(step) + "\n  ours:   " + ours + "\n  theirs: " + theirs;
    }
    /// The whole state, key by key.
    std::string state_difference() {
        for (const auto* key : {"k0", "k1", "k2", "k3", "k4", "k5", "n"})
            for (const auto& words : look_at(key))
                if (auto d = difference({words, {}}); !d.empty()) return d;
        return {};
    }
    void forget_everything() { difference({{"FLUSHALL"}, {}}); }

    /// Seeds beyond the fixed ones: HOLDFAST_FUZZ_SECONDS=60 keeps drawing new ones that long.
    std::vector<std::uint64_t> fixed_seeds() const { return {1, 2, 3, 4, 5, 6, 7, 8}; }
    steady_time until() const {
        const char* given = std::getenv("HOLDFAST_FUZZ_SECONDS");
        return runtime_.now() + seconds(given == nullptr ? 0 : std::atoi(given));
    }
    template <class Round>
    void for_seeds(const Round& round) {
        for (const auto seed : fixed_seeds()) {
            SCOPED_TRACE("seed " + std::to_string(seed));
            round(seed);
            if (HasFatalFailure()) return;
        }
        const auto end = until();
        for (std::uint64_t seed = 1000; runtime_.now() < end; ++seed) {
            SCOPED_TRACE("seed " + std::to_string(seed));
            round(seed);
            if (HasFatalFailure()) return;
        }
    }

private:
    static std::vector<std::vector<std::string>> look_at(const std::string& key) {
        return {{"TYPE", key},
                {"PTTL", key},
                {"GET", key},
                {"HGETALL", key},
                {"LRANGE", key, "0", "-1"},
                {"SMEMBERS", key},
                {"ZRANGE", key, "0", "-1", "WITHSCORES"},
                {"XRANGE", key, "-", "+"}};
    }

    static inline std::unique_ptr<redis_peer> peer_;
    boost::asio::io_context context_;
    asio_runtime runtime_{context_};
    embedded::embedded_engine engine_;
};

TEST_F(differential, answers_random_commands_as_redis_does) {
    for_seeds([this](std::uint64_t seed) {
        random_source random(seed);
        for (int batch = 0; batch < 6; ++batch) {
            forget_everything();
            std::string history;
            for (int i = 0; i < 60; ++i) {
                const diff_step step{random_command(random), {}};
                history += to_text(step) + "\n";
                const auto d = difference(step);
                ASSERT_EQ(d, "") << "as a case:\n" << history;
            }
            ASSERT_EQ(state_difference(), "") << "as a case:\n" << history;
        }
    });
}

TEST_F(differential, computes_random_scripts_as_redis_does) {
    forget_everything();
    for_seeds([this](std::uint64_t seed) {
        random_source random(seed);
        for (int i = 0; i < 300; ++i) {
            const diff_step step{{}, random_expression_script(random)};
            ASSERT_EQ(difference(step), "");
        }
    });
}

// What once differed, and what is easily got wrong.
TEST_F(differential, answers_the_kept_cases_as_redis_does) {
    const auto cases = read_cases(HOLDFAST_TEST_DATA "/store/differential_cases.txt");
    ASSERT_GT(cases.size(), 10U);
    for (const auto& steps : cases) {
        forget_everything();
        for (const auto& step : steps) EXPECT_EQ(difference(step), "");
        EXPECT_EQ(state_difference(), "");
    }
}

}  // namespace
}  // namespace holdfast::test
