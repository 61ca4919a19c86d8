// Every shipped script on the engine and on a real redis-server, over a state that both carry on:
// the same replies, messages, keys, lives and errors.
#include "store/embedded/differential/shipped_scripts.hpp"
#include "runtime/asio_runtime.hpp"
#include "store/contract/script_of.hpp"
#include "store/embedded/differential/alike.hpp"
#include "store/embedded/differential/peer.hpp"
#include "store/embedded/differential/script_calls.hpp"
#include "store/embedded/embedded_engine.hpp"
#include "store/embedded/engine_fixture.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace holdfast::test {
namespace {

const std::vector<std::string> channels{"hf:fleet", "hf:ch:1"};

// All there is but the clock: name, type, life and content, in an order of its own.
constexpr const char* dump_text = R"(
local out, keys = {}, redis.call('KEYS', '*')
table.sort(keys)
local function sorted(list, size)
    local items = {}
    for i = 1, #list, size do items[#items + 1] = table.concat(list, '=', i, i + size - 1) end
    table.sort(items)
    return items
end
for _, key in ipairs(keys) do
    local kind, value = redis.call('TYPE', key).ok, false
    if key == 'zz-clock' then kind = 'clock' end
    if kind == 'string' then value = redis.call('GET', key) end
    if kind == 'hash' then value = sorted(redis.call('HGETALL', key), 2) end
    if kind == 'list' then value = redis.call('LRANGE', key, 0, -1) end
    if kind == 'set' then value = sorted(redis.call('SMEMBERS', key), 1) end
    if kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end
    local life = math.min(redis.call('PTTL', key), 1000000000)
    if kind ~= 'clock' then out[#out + 1] = {key, kind, life, value} end
end
return out)";

class shipped_scripts_differ : public testing::Test {
protected:
    static void SetUpTestSuite() {
        peer_ = std::make_unique<redis_peer>();
        listener_ = std::make_unique<redis_listener>(peer_->server(), channels);
    }
    static void TearDownTestSuite() {
        listener_.reset();
        peer_.reset();
    }
    void SetUp() override {
        for (const auto& channel : channels)
            engine_.subscribe(channel, [this, channel](std::string_view message) {
                heard_.push_back(channel + " " + std::string(message));
            });
        begin();
    }
    void begin() {
        peer_->command({"FLUSHALL"});
        engine_.restore({});
        set_full(false);
    }
    /// From now on neither side has memory left, or both have again.
    void set_full(bool full) {
        engine_.set_out_of_memory(full);
        limit_memory(full);
        full_ = full;
    }
    wall_time now() const { return runtime_.wall_now(); }
    steady_time steady_now() const { return runtime_.now(); }

    /// Runs it on both sides; what differs, or nothing. What ours answered is left in `answered_`.
    std::string difference(const diff_step& step, wall_time at) {
        set_clock(at);
        const bool ours_only = step.shipped.empty();
        const auto* shipped = ours_only ? nullptr : &shipped_script_named(step.shipped);
        const owned_script text(ours_only ? step.script() : shipped->with_own_clock);
        answered_ = engine_.call(text.get(), step.keys, step.words, at);
        const auto theirs = peer_->eval(ours_only ? step.script() : shipped->with_given_clock,
                                        step.keys, step.words);
        const auto messages = listener_->heard();
        if (!is_part_of_scan(step) && !alike(answered_, theirs, any_order(step)))
            return to_text(step) + "\n  ours:   " + to_line(answered_) +
                   "\n  theirs: " + to_line(theirs);
        if (heard_ != messages)
            return to_text(step) + "\n  published " + to_line(as_answer(heard_)) +
                   "\n  theirs    " + to_line(as_answer(messages));
        heard_.clear();
        return {};
    }
    std::string state_difference(wall_time at) {
        const owned_script dump(dump_text);
        const auto ours = engine_.call(dump.get(), {}, {}, at);
        const auto theirs = peer_->eval(dump_text, {});
        if (alike(ours, theirs, false)) return {};
        for (std::size_t i = 0; i < std::min(ours.items.size(), theirs.items.size()); ++i)
            if (!alike(ours.items[i], theirs.items[i], false))
                return "  ours:   " + to_line(ours.items[i]) +
                       "\n  theirs: " + to_line(theirs.items[i]);
        return "  ours:   " + to_line(ours) + "\n  theirs: " + to_line(theirs);
    }

    void run_seed(std::uint64_t seed) {
        begin();
        script_calls calls(seed);
        std::string history;
        for (int i = 0; i < 120; ++i) {
            if (i % 40 == 30) set_full(seed % 3 == 0);
            if (i % 40 == 39) set_full(false);
            const auto at = now();
            const auto step = calls.next(at);
            history += to_text(step) + "\n";
            auto d = difference(step, at);
            if (d.empty() && (i % 4 == 0 || i == 119)) d = state_difference(at);
            ASSERT_EQ(d, "") << "seed " << seed << ", as a case:\n" << history;
            calls.learn(answered_);
            ++(answered_.is_error() ? errors_ : answers_);
        }
    }

    int errors_ = 0;
    int answers_ = 0;

private:
    void limit_memory(bool full) {
        peer_->command({"CONFIG", "SET", "maxmemory", full ? "1" : "0"});
    }
    void set_clock(wall_time at) {
        const auto us = std::to_string(at.time_since_epoch().count());
        if (full_) limit_memory(false);
        peer_->command({"SET", std::string(clock_key), us});
        if (full_) limit_memory(true);
    }
    // Replies whose order is the server's own: pages of SCAN, members of sets, fields of hashes.
    static bool any_order(const diff_step& step) {
        for (const auto* name : {"lock/list", "schedule/catalogue", "schedule/show", "token/nodes"})
            if (step.shipped == name) return true;
        return false;
    }
    // How a scan goes on is each side's own business; what a whole one finds is not.
    static bool is_part_of_scan(const diff_step& step) {
        return step.shipped == "lock/list" &&
               (step.words.size() < 3 || step.words[0] != "0" || step.words[2] != "1000");
    }
    static answer as_answer(const std::vector<std::string>& texts) {
        auto all = answer::array();
        for (const auto& text : texts) all.items.push_back(answer::bulk(text));
        return all;
    }

    static inline std::unique_ptr<redis_peer> peer_;
    static inline std::unique_ptr<redis_listener> listener_;
    boost::asio::io_context context_;
    asio_runtime runtime_{context_};
    embedded::embedded_engine engine_;
    std::vector<std::string> heard_;
    answer answered_;
    bool full_ = false;
};

TEST_F(shipped_scripts_differ, in_nothing_for_random_calls) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        run_seed(seed);
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(answers_, errors_) << "too many calls that make no sense";
    const char* given = std::getenv("HOLDFAST_FUZZ_SECONDS");
    const auto end = steady_now() + seconds(given == nullptr ? 0 : std::atoi(given));
    for (std::uint64_t seed = 1000; steady_now() < end; ++seed) {
        run_seed(seed);
        if (HasFatalFailure()) return;
    }
}

// What once differed.
TEST_F(shipped_scripts_differ, in_nothing_for_the_kept_cases) {
    const auto cases = read_cases(HOLDFAST_TEST_DATA "/store/script_cases.txt");
    ASSERT_FALSE(cases.empty());
    for (const auto& steps : cases) {
        begin();
        for (const auto& step : steps) EXPECT_EQ(difference(step, now()), "");
        EXPECT_EQ(state_difference(now()), "");
    }
}

TEST(shipped_scripts, say_what_their_keys_and_arguments_are) {
    EXPECT_GT(shipped_scripts().size(), 30U);
    const auto& acquire = shipped_script_named("lock/acquire");
    ASSERT_EQ(acquire.keys.size(), 4U);
    EXPECT_TRUE(acquire.keys[1].starts_with("queue")) << acquire.keys[1];
    ASSERT_EQ(acquire.args.size(), 8U);
    EXPECT_TRUE(acquire.args[6].starts_with("provisional")) << acquire.args[6];
    const auto& claim = shipped_script_named("schedule/claim");
    EXPECT_EQ(claim.keys.size(), 4U);
    EXPECT_EQ(claim.args.size(), 17U);
    const auto& renew = shipped_script_named("token/renew");
    EXPECT_EQ(renew.keys.size(), 7U);
    EXPECT_EQ(renew.args.size(), 12U);
    EXPECT_TRUE(renew.args[6].starts_with("retire")) << renew.args[6];
}

}  // namespace
}  // namespace holdfast::test
