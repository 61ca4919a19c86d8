// The blocking face of the quorum lock: threads, clients, servers that are not there.
#include "holdfast/quorum_mutex.hpp"

#include "holdfast/open.hpp"
#include "lock/two_clients.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace holdfast {
namespace {

constexpr script set{"set", "0123456789012345678901234567890123456789",
                     "return redis.call('SET', KEYS[1], ARGV[1])"};

/// Three servers that are old enough to count, and processes that know them all.
struct quorum_fleet {
    quorum_fleet() {
        const std::vector<std::string> marker{"hf:node"};
        for (const auto* data : {"data-a 1000", "data-b 1000", "data-c 1000"}) {
            engines.push_back(std::make_shared<embedded::embedded_engine>());
            const std::vector<std::string> made_long_ago{data};
            EXPECT_TRUE(engines.back()->run(set, marker, made_long_ago, wall_time(hours{1})));
        }
    }
    /// The first `dead` servers cannot be reached.
    std::vector<quorum_server> servers(std::size_t dead = 0) const {
        std::vector<quorum_server> all;
        for (std::size_t i = 0; i < engines.size(); ++i) {
            auto open = [engine = engines[i]](runtime& rt) -> std::unique_ptr<store> {
                return std::make_unique<embedded_store>(rt, engine, "hf:");
            };
            const auto label = std::string(1, static_cast<char>('a' + i));
            all.push_back({label, i < dead ? store_at("redis://127.0.0.1:1/0") : open});
        }
        return all;
    }
    std::vector<std::shared_ptr<embedded::embedded_engine>> engines;
    const lock_name name{"n"};
    const lease_ttl ttl{seconds{30}};
};

TEST(quorum_mutex, excludes_threads_of_several_clients_and_raises_its_fence) {
    quorum_fleet fleet;
    quorum_client one(fleet.servers()), two(fleet.servers(1));
    quorum_mutex first(one, fleet.name, fleet.ttl), second(two, fleet.name, fleet.ttl);
    expect_turns(first, second, 5);
    one.close();
}

TEST(quorum_mutex, tells_busy_from_servers_that_are_not_there) {
    quorum_fleet fleet;
    quorum_client one(fleet.servers()), two(fleet.servers());
    quorum_client cut_off(fleet.servers(2));
    quorum_mutex first(one, fleet.name, fleet.ttl), second(two, fleet.name, fleet.ttl);
    quorum_mutex alone(cut_off, fleet.name, fleet.ttl);
    const std::unique_lock held(first);
    EXPECT_EQ(first.reason(), lost_reason::none);
    EXPECT_FALSE(second.try_lock());
    EXPECT_FALSE(second.try_lock_for(milliseconds{30}));
    EXPECT_EQ(second.fence(), fencing_token());
    try {
        (void)alone.try_lock();
        ADD_FAILURE() << "two of three servers are away";
    } catch (const boost::system::system_error& error) {
        EXPECT_EQ(errc_of(error.code()), errc::store_unavailable);
        const std::string text = error.what();
        for (const auto* server : {"a: ", "b: "})
            EXPECT_NE(text.find(server), std::string::npos) << text;
    }
    EXPECT_FALSE(alone.try_lock_for(milliseconds{30}));
}

TEST(quorum_mutex, is_kept_while_held_and_given_back_when_destroyed) {
    quorum_fleet fleet;
    quorum_client one(fleet.servers()), two(fleet.servers());
    const lease_ttl brief(seconds{3});
    auto first = std::make_unique<quorum_mutex>(one, fleet.name, brief);
    quorum_mutex second(two, fleet.name, brief);
    first->lock();
    const auto lost = first->lost();
    EXPECT_FALSE(second.try_lock_for(brief.span() + seconds{1}));
    EXPECT_FALSE(lost.stop_requested());
    const auto fence = first->fence();
    first.reset();
    second.lock();
    EXPECT_GT(second.fence(), fence);
    EXPECT_TRUE(lost.stop_requested());
    second.unlock();
    second.unlock();  // nothing to give back
    EXPECT_EQ(second.reason(), lost_reason::released);
}

TEST(quorum_mutex, ends_its_waits_when_the_client_closes_and_keeps_what_is_held) {
    quorum_fleet fleet;
    quorum_client one(fleet.servers()), two(fleet.servers());
    quorum_mutex first(one, fleet.name, fleet.ttl), second(two, fleet.name, fleet.ttl);
    first.lock();
    std::atomic<bool> ended = false;
    std::jthread waiter([&] {
        try {
            second.lock();
            ADD_FAILURE();
        } catch (const boost::system::system_error& error) {
            EXPECT_EQ(errc_of(error.code()), errc::shutting_down);
        }
        ended = true;
    });
    EXPECT_FALSE(ended);
    two.close();
    waiter.join();
    EXPECT_THROW(second.lock(), boost::system::system_error);
    one.close();
    one.close();
    EXPECT_EQ(first.reason(), lost_reason::none);
    first.unlock();
    quorum_client three(fleet.servers());
    quorum_mutex third(three, fleet.name, fleet.ttl);
    EXPECT_TRUE(third.try_lock_for(seconds{20}));
}

TEST(quorum_mutex, refuses_what_cannot_be) {
    quorum_fleet fleet;
    EXPECT_THROW(quorum_client({}), boost::system::system_error);
    quorum_options never;
    never.node_timeout = milliseconds{0};
    EXPECT_THROW(quorum_client(fleet.servers(), never), boost::system::system_error);
    quorum_client one(fleet.servers());
    quorum_mutex longer(one, fleet.name, lease_ttl(milliseconds{60001}));
    EXPECT_THROW((void)longer.try_lock(), boost::system::system_error);
}

}  // namespace
}  // namespace holdfast
