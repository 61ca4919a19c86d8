// Rotation on a real Redis: many at once, Sa-Token's key names, outages.
#include "holdfast/same_token.hpp"

#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace holdfast {
namespace {

using namespace test;

struct instance {
    instance(real_world& on, const redis_server& server, same_token_options options)
        : world(on),
          store(on.runtime, null_journal(), logger(log_level::off, log_format::text),
                parse_redis_url(server.url() + "?timeout=500").value()),
          service((on.run(store.start()).value(), on.runtime), store, null_journal(),
                  std::move(options)) {}
    ~instance() { world.run(store.close()); }

    real_world& world;
    redis_store store;
    same_token_service service;
};

same_token_options seed_names() {
    same_token_options options;
    options.token_name = "Authorization";
    return options;
}

class same_token_redis : public testing::Test {
protected:
    bool accepts(instance& by, const std::string& token) {
        const auto answer = world.run(by.service.check(token));
        return answer.value() != same_token_match::refused;
    }
    redis_server server;
    real_world world;
};

TEST_F(same_token_redis, writes_the_names_sa_token_reads) {
    instance one(world, server, seed_names());
    EXPECT_EQ(one.service.current().error(), errc::store_unavailable);
    EXPECT_EQ(world.run(one.service.fresh_current()).error(), errc::not_found);
    EXPECT_EQ(server.cli({"DBSIZE"}), "0") << "reading mints nothing";
    EXPECT_EQ(world.run(one.service.rotate()).value(), rotation::first);
    const auto token = one.service.current().value();
    EXPECT_EQ(server.cli({"GET", "Authorization:var:same-token"}), token);
    EXPECT_EQ(token.size(), 64u);
    EXPECT_TRUE(std::ranges::all_of(token, [](unsigned char c) { return std::isalnum(c); }));
    EXPECT_GT(std::stoll(server.cli({"PTTL", "Authorization:var:same-token"})), 3 * 600'000);
}

TEST_F(same_token_redis, sixteen_rotations_at_once_are_one) {
    std::vector<std::unique_ptr<instance>> fleet;
    for (int i = 0; i < 16; ++i)
        fleet.push_back(std::make_unique<instance>(world, server, seed_names()));
    std::multiset<rotation> outcomes;
    int left = 16;
    for (auto& one : fleet)
        boost::asio::co_spawn(world.context, one->service.rotate(),
                              [&](std::exception_ptr, result<rotation> outcome) {
                                  outcomes.insert(outcome.value());
                                  --left;
                              });
    world.context.restart();
    while (left > 0) world.context.run_one();
    EXPECT_EQ(outcomes.count(rotation::first), 1u);
    EXPECT_EQ(outcomes.count(rotation::unchanged), 15u);
    for (auto& one : fleet)
        EXPECT_EQ(one->service.current().value(), fleet[0]->service.current().value());
}

TEST_F(same_token_redis, an_unknown_token_is_refused_after_asking) {
    instance one(world, server, seed_names()), other(world, server, seed_names());
    world.run(one.service.rotate()).value();
    EXPECT_TRUE(accepts(other, one.service.current().value())) << "read because it was unknown";
    EXPECT_FALSE(accepts(other, "guess"));
    EXPECT_FALSE(accepts(other, ""));
    EXPECT_FALSE(other.service.check_known(std::string(100000, 'x')));
}

TEST_F(same_token_redis, an_outage_keeps_known_tokens_and_never_says_refused) {
    instance one(world, server, seed_names());
    world.run(one.service.rotate()).value();
    const auto token = one.service.current().value();
    server.stop();
    EXPECT_EQ(one.service.current().value(), token);
    EXPECT_EQ(world.run(one.service.check(token)).value(), same_token_match::current);
    const auto unknown = world.run(one.service.check("never seen"));
    ASSERT_FALSE(unknown);
    EXPECT_TRUE(unknown.error() == condition::retry || unknown.error() == condition::unknown);
}

TEST(same_token_options, refuses_spans_that_could_refuse_a_call) {
    real_world world;
    redis_store store(world.runtime, null_journal(), logger(log_level::off, log_format::text),
                      redis_options{});
    const auto refused = [&](auto change) {
        auto options = seed_names();
        change(options);
        try {
            same_token_service made(world.runtime, store, null_journal(), options);
        } catch (const boost::system::system_error& e) {
            return e.code() == errc::invalid_configuration;
        }
        return false;
    };
    EXPECT_FALSE(refused([](auto&) {}));
    EXPECT_TRUE(refused([](auto& o) { o.token_name.clear(); }));
    EXPECT_TRUE(refused([](auto& o) { o.ttl = minutes{29}; }));
    EXPECT_TRUE(refused([](auto& o) { o.overlap = seconds{9}; }));
    EXPECT_TRUE(refused([](auto& o) { o.overlap = minutes{5}; }));
    EXPECT_TRUE(refused([](auto& o) { o.activate_delay = milliseconds{0}; }));
}

}  // namespace
}  // namespace holdfast
