// Promise 7: no request is refused because of a rotation, whoever sends, whoever checks.
#include "holdfast/same_token.hpp"

#include "same_token/manual_runtime.hpp"
#include "store/contract/script_of.hpp"
#include "store/embedded/embedded_store.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>

namespace holdfast {
namespace {

using namespace test;

same_token_options quick() {
    same_token_options options;
    options.token_name = "Authorization";
    options.interval = seconds{10};
    options.ttl = seconds{60};
    options.activate_delay = milliseconds{500};
    options.overlap = seconds{3};
    options.refresh_every = seconds{1};
    return options;
}

struct fleet {
    manual_runtime runtime;
    std::shared_ptr<embedded::embedded_engine> engine =
        std::make_shared<embedded::embedded_engine>();
    embedded_store left_store{runtime, engine, "hf:"};
    embedded_store right_store{runtime, engine, "hf:"};
    embedded_store deaf_store{runtime, engine, "hf:"};
    same_token_service left{runtime, left_store, null_journal(), quick()};
    same_token_service right{runtime, right_store, null_journal(), quick()};
    /// Neither looks nor listens on its own: the slowest replica there can be.
    same_token_service deaf{runtime, deaf_store, null_journal(), quick()};

    std::string get(const std::string& key) {
        const owned_script get("return redis.call('GET', KEYS[1]) or ''");
        const std::vector<std::string> keys{key};
        return std::string(engine->run(get.get(), keys, {}, runtime.wall_now()).value().as_text());
    }
    /// What Sa-Token does: two reads, no memory.
    bool java_accepts(const std::string& token) {
        return token == get("Authorization:var:same-token") ||
               token == get("Authorization:var:past-same-token");
    }
    bool accepts(same_token_service& by, const std::string& token) {
        std::optional<result<same_token_match>> answer;
        runtime.start_for(by.check(token), answer);
        for (int i = 0; !answer && i < 3; ++i) runtime.pass(milliseconds{100});
        return answer && answer->has_value() && answer->value() != same_token_match::refused;
    }
    void expect_accepted_by_all(const std::string& token) {
        EXPECT_TRUE(java_accepts(token));
        for (auto* receiver : {&left, &right, &deaf}) EXPECT_TRUE(accepts(*receiver, token));
    }
};

TEST(same_token_promise, no_call_is_refused_because_of_a_rotation) {
    fleet f;
    f.runtime.start(f.left.run());
    f.runtime.start(f.right.run());
    ASSERT_EQ(f.runtime.run(f.right.rotate()).value(), rotation::first);
    std::deque<std::string> in_flight;
    std::set<std::string> distinct;
    for (int step = 0; step < 600 && !testing::Test::HasFailure(); ++step) {
        f.runtime.pass(milliseconds{100});
        if (step % 100 == 0) {  // both fire the same tick
            EXPECT_TRUE(f.runtime.run(f.left.rotate()));
            EXPECT_TRUE(f.runtime.run(f.right.rotate()));
        }
        for (auto* sender : {&f.left, &f.right}) {
            const auto sent = sender->current();
            ASSERT_TRUE(sent);
            distinct.insert(*sent);
            in_flight.push_back(*sent);
        }
        in_flight.push_back(f.get("Authorization:var:same-token"));
        if (in_flight.size() <= 30) continue;  // a call takes a second to arrive
        for (int i = 0; i < 3; ++i, in_flight.pop_front()) f.expect_accepted_by_all(in_flight[0]);
    }
    EXPECT_GE(distinct.size(), 5u) << "it rotated";
}

TEST(same_token_promise, a_service_that_was_frozen_asks_before_it_sends) {
    fleet f;
    f.runtime.run(f.left.rotate()).value();
    const auto before = f.runtime.run(f.deaf.fresh_current()).value();
    f.runtime.start(f.left.run());
    for (int i = 0; i < 300; ++i) {
        f.runtime.pass(milliseconds{100});
        if (i % 100 == 0) f.runtime.run(f.left.rotate()).value();
    }
    const auto after = f.runtime.run(f.deaf.fresh_current()).value();
    EXPECT_NE(after, before);
    f.expect_accepted_by_all(after);
    EXPECT_FALSE(f.accepts(f.left, before)) << "dead since its overlap ended";
}

TEST(same_token_promise, the_last_millisecond_of_an_overlap_counts) {
    fleet f;
    f.runtime.run(f.left.rotate()).value();
    const auto old = f.get("Authorization:var:same-token");
    f.runtime.pass(seconds{6});
    ASSERT_EQ(f.runtime.run(f.left.rotate()).value(), rotation::announced);
    f.runtime.pass(milliseconds{500});
    ASSERT_EQ(f.runtime.run(f.left.rotate()).value(), rotation::swapped);
    f.runtime.pass(seconds{3});
    ASSERT_TRUE(f.java_accepts(old)) << "with a PTTL of 0";
    EXPECT_TRUE(f.accepts(f.deaf, old));
    f.runtime.pass(milliseconds{2});
    EXPECT_FALSE(f.java_accepts(old));
    EXPECT_FALSE(f.accepts(f.deaf, old));
}

TEST(same_token_promise, a_rotation_whose_author_died_is_finished_by_another) {
    fleet f;
    f.runtime.run(f.right.rotate()).value();
    f.runtime.pass(seconds{6});
    ASSERT_EQ(f.runtime.run(f.right.rotate()).value(), rotation::announced);
    f.runtime.start(f.left.run());
    const auto old = f.left.current().value();
    for (int i = 0; i < 6; ++i) f.runtime.pass(milliseconds{100});
    EXPECT_NE(f.left.current().value(), old);
    EXPECT_EQ(f.left.current().value(), f.get("Authorization:var:same-token"));
}

TEST(same_token_promise, a_flood_of_unknown_tokens_shares_its_reads) {
    fleet f;
    f.runtime.run(f.left.rotate()).value();
    const auto good = f.left.current().value();
    std::vector<std::optional<result<same_token_match>>> answers(500);
    for (auto& answer : answers) f.runtime.start_for(f.deaf.check("garbage"), answer);
    std::optional<result<same_token_match>> honest;
    f.runtime.start_for(f.deaf.check(good), honest);
    for (int i = 0; i < 3; ++i) f.runtime.pass(milliseconds{100});
    for (const auto& answer : answers) EXPECT_EQ(answer.value().value(), same_token_match::refused);
    EXPECT_EQ(honest.value().value(), same_token_match::current);
}

}  // namespace
}  // namespace holdfast
