// Three daemons and a job: every fire time once, also when one of them is killed.
#include "e2e/daemon.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <map>

namespace holdfast::test {
namespace {

// Fire times are two seconds apart, on even seconds.
long seconds_of(const std::string& fire_time) {
    std::tm parts{};
    strptime(fire_time.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return timegm(&parts);
}

std::map<long, int> runs_in(const std::string& path) {
    std::map<long, int> runs;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) ++runs[seconds_of(line)];
    return runs;
}

// Thirty fire times in a minute; a third of the fleet dies after half of them.
TEST(job_fleet, no_fire_time_twice_and_none_missing_when_a_daemon_is_killed) {
    redis_server redis;
    temporary_folder out;
    const auto ticks = out.path() + "/ticks";
    const auto yaml =
        "store: { url: \"" + redis.url() + "\" }\n" +
        "jwt: { secret: 0123456789abcdef0123456789abcdef }\n" +
        "jobs:\n  - { name: tick, cron: \"*/2 * * * * *\", run: { command: [sh, -c, \"echo "
        "$HOLDFAST_FIRE_TIME >> " +
        ticks + "\"] } }\n";
    std::vector<std::unique_ptr<daemon>> nodes;
    for (int i = 0; i < 3; ++i) nodes.push_back(std::make_unique<daemon>(yaml));
    const auto until_runs = [&](std::size_t count) {
        const auto enough = [&] { return runs_in(ticks).size() >= count; };
        ASSERT_TRUE(wait_until(enough, std::chrono::seconds{120})) << runs_in(ticks).size();
    };
    until_runs(15);
    nodes[1]->process().signal(SIGKILL);
    nodes[1]->process().wait();
    until_runs(30);
    for (auto& node : nodes) {
        if (node->process().running()) node->process().signal(SIGTERM);
        node->process().wait();
    }
    const auto runs = runs_in(ticks);
    for (const auto& [at, count] : runs) EXPECT_EQ(count, 1) << at;
    EXPECT_EQ(runs.rbegin()->first - runs.begin()->first, 2 * (static_cast<long>(runs.size()) - 1));

    auto audit =
        run_to_end({HOLDFAST_PROGRAM, "job", "audit", "tick", "--json", "--store", redis.url()});
    EXPECT_EQ(audit.wait_code(), 0) << audit.out();
    const auto due = R"("due":)" + std::to_string(runs.size()) + R"(,"once":)" +
                     std::to_string(runs.size()) + R"(,"twice":0,"lost":0,"missed":0)";
    EXPECT_NE(audit.out().find(due), std::string::npos)
        << audit.out() << audit.err() << runs.begin()->first << " to " << runs.rbegin()->first;
}

}  // namespace
}  // namespace holdfast::test
