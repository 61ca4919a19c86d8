// Under load while connections are cut, scripts forgotten and the server frozen: no call is lost
// and every verdict is true.
#include "store/redis/redis_world.hpp"

#include "runtime/wake_event.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include <csignal>
#include <set>
#include <sstream>

namespace holdfast::test {
namespace {

/// What many concurrent calls of `mark` were told, by the id each left in the set `ids`.
struct verdicts {
    std::set<std::string> executed, maybe, never;

    void note(const std::string& id, const result<reply>& answer) {
        if (answer)
            executed.insert(id);
        else if (answer.error() == condition::unknown)
            maybe.insert(id);
        else if (answer.error() == condition::retry)
            never.insert(id);
        else
            ADD_FAILURE() << id << ": " << answer.error().message();
    }
};

class workers {
public:
    workers(redis_world& world, int count, int rounds, std::size_t padding)
        : world_(world), padding_(padding, 'x'), running_(count), ended_(world.runtime.executor()) {
        for (int i = 0; i < count; ++i)
            boost::asio::co_spawn(world.context, work(i, rounds),
                                  [this](std::exception_ptr failed) {
                                      EXPECT_FALSE(failed);
                                      --running_;
                                      ended_.notify_all();
                                  });
    }
    /// Each worker leaves `rounds` marks: a call is repeated, with a new id, until it succeeds.
    verdicts join() {
        auto all = [this]() -> task<void> {
            while (running_ > 0) co_await ended_.wait();
        };
        world_.run(all());
        return told_;
    }

private:
    task<void> work(int worker, int rounds) {
        for (int done = 0, tried = 0; done < rounds; ++tried) {
            const auto id = std::to_string(padding_.size()) + "." + std::to_string(worker) + "." +
                            std::to_string(tried);
            const script_keys keys("ids");
            const script_args args(id, padding_);
            const auto answer = co_await world_.store->run(mark, keys, args);
            told_.note(id, answer);
            if (answer) ++done;
        }
    }

    redis_world& world_;
    std::string padding_;
    int running_;
    wake_event ended_;
    verdicts told_;
};

std::set<std::string> marks_in(const redis_server& server) {
    std::istringstream lines(server.cli({"SMEMBERS", "ids"}));
    std::set<std::string> marks;
    for (std::string line; std::getline(lines, line);) marks.insert(line);
    return marks;
}

void expect_true(const verdicts& told, const std::set<std::string>& marks) {
    for (const auto& id : told.executed) EXPECT_TRUE(marks.contains(id)) << id << " was lost";
    for (const auto& id : told.never) EXPECT_FALSE(marks.contains(id)) << id << " was executed";
}

TEST(redis_storm, loses_no_call_when_the_connection_is_killed_again_and_again) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    child_process killer({"redis-cli", "-p", std::to_string(server.port()), "-r", "-1", "-i",
                          "0.005", "CLIENT", "KILL", "TYPE", "pubsub"});
    workers small(world, 16, 250, 10);
    workers large(world, 4, 60, 40000);
    const auto of_small = small.join();
    const auto of_large = large.join();
    killer.signal(SIGKILL);
    killer.wait();
    const auto marks = marks_in(server);
    EXPECT_EQ(of_small.executed.size(), 16u * 250u);
    expect_true(of_large, marks);
    EXPECT_GT(world.store->epoch(), 3u) << "the killer did nothing";
}

TEST(redis_storm, runs_every_call_when_scripts_are_flushed_all_the_time) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    child_process flusher({"redis-cli", "-p", std::to_string(server.port()), "-r", "-1", "-i",
                           "0.001", "SCRIPT", "FLUSH"});
    workers busy(world, 16, 300, 10);
    const auto told = busy.join();
    flusher.signal(SIGKILL);
    flusher.wait();
    EXPECT_EQ(told.executed.size(), 16u * 300u);
    EXPECT_TRUE(told.maybe.empty());
    EXPECT_TRUE(told.never.empty());
    EXPECT_EQ(marks_in(server).size(), 16u * 300u);
}

TEST(redis_storm, tells_the_truth_about_what_was_never_sent_when_the_server_freezes) {
    redis_server server;
    redis_world world(server.url() + "?timeout=300&connect_timeout=300");
    ASSERT_TRUE(world.start().has_value());
    ASSERT_TRUE(world.call(mark, script_keys("ids"), script_args("warm")).has_value());
    server.process().signal(SIGSTOP);
    // More than the socket's buffers take, so some calls are sent, some not.
    verdicts told;
    int running = 600;
    wake_event ended(world.runtime.executor());
    const std::string padding(50000, 'x');
    auto once = [&](std::string id) -> task<void> {
        script_keys keys("ids");
        script_args args(id, padding);
        told.note(id, co_await world.store->run(mark, std::move(keys), std::move(args)));
        --running;
        ended.notify_all();
    };
    for (int i = 0; i < running; ++i)
        boost::asio::co_spawn(world.context, once("f" + std::to_string(i)), boost::asio::detached);
    auto all = [&]() -> task<void> {
        while (running > 0) co_await ended.wait();
    };
    world.run(all());
    EXPECT_FALSE(told.maybe.empty());
    EXPECT_FALSE(told.never.empty());
    server.process().signal(SIGCONT);
    while (!world.call(mark, script_keys("ids"), script_args("last"))) {
    }
    expect_true(told, marks_in(server));
}

}  // namespace
}  // namespace holdfast::test
