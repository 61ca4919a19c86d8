// One daemon by itself: start, reload, stop, restart, and starts that must fail.
#include "e2e/daemon.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace holdfast::test {
namespace {

constexpr auto open_guard = "guards: { app: { registration: open } }\n";

TEST(one_daemon, stops_cleanly_on_sigterm_and_remembers_everything) {
    daemon node(open_guard);
    const auto token = node.sign_in("ada", true);
    EXPECT_EQ(node.check(token), 200);
    node.process().signal(SIGTERM);
    EXPECT_EQ(node.process().wait_code(), 0);
    node.start();
    EXPECT_EQ(node.check(token), 200);
    EXPECT_FALSE(node.sign_in("ada", false).empty());
}

TEST(one_daemon, loses_nothing_acknowledged_when_it_is_killed) {
    daemon node(open_guard);
    const auto kept = node.sign_in("ada", true);
    const auto ended = node.sign_in("ada", false);
    EXPECT_EQ(node.post("/api/auth/logout", "", {bearer(ended)}).status, 200);
    node.process().signal(SIGKILL);
    node.process().wait();
    node.start();
    EXPECT_EQ(node.check(kept), 200);
    EXPECT_EQ(node.check(ended), 401);
}

TEST(one_daemon, reloads_on_sighup_and_keeps_the_old_settings_when_the_new_are_wrong) {
    daemon node(open_guard);
    const auto token = node.sign_in("ada", true);
    const auto file = node.folder() + "/holdfast.yaml";
    std::ofstream(file, std::ios::app) << "nonsense: 1\n";
    node.process().signal(SIGHUP);
    EXPECT_NE(node.process().wait_for_line("serve.reload_refused").find("unknown key"),
              std::string::npos);
    EXPECT_EQ(node.check(token), 200);
    std::ofstream(file) << "data: " << node.folder() << "/data\n"
                        << "guards: { app: { registration: closed } }\n";
    node.process().signal(SIGHUP);
    node.process().wait_for_line("serve.reloaded");
    const auto body = R"({"account":"eve","password":"correct horse"})";
    EXPECT_EQ(node.post("/api/auth/register", body).status, 403);
    EXPECT_EQ(node.check(token), 200);
}

TEST(one_daemon, answers_until_its_jobs_have_ended_and_says_that_it_drains) {
    daemon node(std::string(open_guard) +
                "shutdown_grace: 100s\n"
                "jobs:\n  - { name: long, every: 1s, run: { command: [sh, -c, "
                "\"touch started; until [ -e go ]; do sleep 0.05; done; touch finished\"] } }\n");
    const auto token = node.sign_in("ada", true);
    const auto there = [&](const char* name) {
        return std::filesystem::exists(node.folder() + "/" + name);
    };
    ASSERT_TRUE(wait_until([&] { return there("started"); }, std::chrono::seconds{60}));
    node.process().signal(SIGTERM);
    node.process().wait_for_line("serve.stopping");
    ASSERT_TRUE(wait_until([&] { return node.get("/readyz").status == 503; }));
    EXPECT_NE(node.get("/readyz").body.find("draining"), std::string::npos);
    EXPECT_EQ(node.check(token), 200);
    std::ofstream(node.folder() + "/go").flush();
    EXPECT_EQ(node.process().wait_code(), 0);
    EXPECT_TRUE(there("finished"));
}

TEST(one_daemon, says_which_settings_a_reload_does_not_change) {
    daemon node(open_guard);
    node.reconfigure(std::string(open_guard) + "store: { prefix: \"other:\" }\n");
    EXPECT_NE(node.process().wait_for_line("serve.restart_needed").find("section=store"),
              std::string::npos);
}

TEST(one_daemon, logs_the_request_id_of_what_changes_something) {
    daemon node(open_guard);
    const auto body = R"({"account":"ada","password":"correct horse"})";
    const auto given = node.post("/api/auth/register", body, {"X-Request-Id: trace-42"});
    EXPECT_EQ(given.field("X-Request-Id"), "trace-42");
    const auto line = node.process().wait_for_line("id=trace-42");
    EXPECT_NE(line.find("path=/api/auth/register status=200"), std::string::npos) << line;
    const auto made = node.post("/api/auth/login", body).field("X-Request-Id").value_or("none");
    EXPECT_NE(node.process().wait_for_line("id=" + made).find("status=200"), std::string::npos);
}

TEST(one_daemon, keeps_its_secrets_to_itself) {
    daemon node(open_guard);
    const auto secret = std::filesystem::status(node.folder() + "/data/jwt.secret").permissions();
    EXPECT_EQ(secret, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(node.get("/metrics").body.find("Bearer"), std::string::npos);
}

double metric(const std::string& page, const std::string& line) {
    const auto at = page.find("\n" + line + " ");
    return at == page.npos ? -1 : std::stod(page.substr(at + line.size() + 2));
}

TEST(one_daemon, counts_the_leases_of_its_jobs_with_the_locks) {
    daemon node(
        std::string(open_guard) +
        "jobs:\n  - { name: tick, cron: \"* * * * * *\", run: { command: [sleep, \"0.7\"] } "
        "}\n");
    std::string page;
    const auto has_counted = [&] {
        page = node.get("/metrics").body;
        return metric(page, "holdfast_lock_hold_seconds_count") >= 2;
    };
    EXPECT_TRUE(wait_until(has_counted, std::chrono::seconds{60})) << page;
    EXPECT_GE(metric(page, "holdfast_lock_acquired_total"), 2);
    EXPECT_GT(metric(page, "holdfast_lock_hold_seconds_sum"), 0.7);
    EXPECT_EQ(metric(page, "holdfast_lock_brain_splits_total"), 0);
    EXPECT_GE(metric(page, "holdfast_lock_lost_total{reason=\"taken_over\"}"), 0);
}

TEST(one_daemon, a_second_one_in_the_same_folder_is_told_so) {
    daemon node(open_guard);
    auto second = run_to_end(
        {HOLDFAST_PROGRAM, "serve", "--data", node.folder() + "/data", "--listen", "127.0.0.1:0"});
    EXPECT_EQ(second.wait_code(), 75);
    EXPECT_NE(second.err().find(std::to_string(node.process().pid())), std::string::npos)
        << second.err();
}

TEST(one_daemon, a_port_that_is_taken_is_told_so) {
    daemon node(open_guard);
    temporary_folder other;
    auto second = run_to_end({HOLDFAST_PROGRAM, "serve", "--data", other.path(), "--listen",
                              "127.0.0.1:" + std::to_string(node.port())});
    EXPECT_EQ(second.wait_code(), 75);
}

TEST(one_daemon, a_redis_that_is_not_there_is_exit_code_75) {
    temporary_folder data;
    const auto url = "redis://127.0.0.1:" + std::to_string(free_port()) + "/0";
    auto ended = run_to_end({HOLDFAST_PROGRAM, "serve", "--data", data.path(), "--store", url,
                             "--listen", "127.0.0.1:0"});
    EXPECT_EQ(ended.wait_code(), 75);
    EXPECT_EQ(std::ranges::count(ended.err(), '\n') >= 1, true);
}

}  // namespace
}  // namespace holdfast::test
