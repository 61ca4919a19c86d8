#include "support/redis_server.hpp"

#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace holdfast::test {
namespace {

TEST(support, a_redis_server_starts_answers_and_restarts) {
    redis_server server;
    EXPECT_EQ(server.cli({"PING"}), "PONG");
    server.stop(SIGTERM);
    EXPECT_FALSE(server.process().running());
    server.start();
    EXPECT_EQ(server.cli({"SET", "a", "1"}), "OK");
}

TEST(support, child_processes_report_output_code_and_signal) {
    auto done = run_to_end({"sh", "-c", "echo out; echo err >&2; exit 3"});
    EXPECT_EQ(done.out(), "out\n");
    EXPECT_EQ(done.err(), "err\n");
    EXPECT_EQ(done.wait_code(), 3);
    child_process sleeper({"sleep", "60"});
    sleeper.signal(SIGTERM);
    EXPECT_EQ(sleeper.wait_code(), 128 + SIGTERM);
}

TEST(support, no_child_outlives_a_killed_parent_or_dies_with_a_thread) {
    child_process parent({HOLDFAST_CRASHING_PARENT});
    const auto line = parent.wait_for_line("child ");
    EXPECT_NE(line.find("lives"), line.npos) << line;
    parent.signal(SIGKILL);
    EXPECT_TRUE(wait_until_gone(std::stoi(line.substr(6))));
}

}  // namespace
}  // namespace holdfast::test
