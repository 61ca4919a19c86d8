// `holdfast run` as a job of an interactive shell on a terminal: reading, Ctrl-Z, fg, bg.
#include "support/redis_server.hpp"
#include "support/terminal.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>

namespace holdfast::test {
namespace {

constexpr auto ctrl_z = "\x1a";
constexpr auto ctrl_c = "\x03";

class terminal_run : public testing::Test {
protected:
    terminal_run() {
        user.wait_for("prompt>");
        user.type("set +o history\n");
        user.wait_for("prompt>");
    }
    void enter(const std::string& line) { user.type(line + "\n"); }
    /// Starts a `run` whose command reads two lines; the command's process.
    pid_t start(const std::string& options) {
        enter(std::string(HOLDFAST_PROGRAM) + " run " + options +
              " n sh -c 'echo pid=$$.; read x; echo got=$x.; read y; echo then=$y.'");
        user.wait_for("pid=$$.");  // what was typed
        user.wait_for("pid=");
        return std::stoi(user.wait_for("."));
    }
    /// Types a line to the command and waits for its answer.
    void answers(const std::string& line, const std::string& answer) {
        enter(line);
        user.wait_for(answer);
    }
    void await_state(pid_t pid, const std::string& letters) const {
        EXPECT_TRUE(wait_until([&] { return letters.find(state_of(pid)) != letters.npos; }))
            << state_of(pid);
    }
    /// The shell must have heard of it: `fg` sends no SIGCONT to a job it takes for a running one,
    /// and takes the terminal back when that job stops after all.
    void await_stopped_job() {
        EXPECT_TRUE(wait_until([&] {
            enter("jobs; echo heard");
            user.wait_for("echo heard");
            return user.wait_for("heard").find("Stopped") != std::string::npos;
        }));
    }
    void await_free() const {
        EXPECT_TRUE(wait_until([&] { return redis.cli({"EXISTS", "n"}) == "0"; }));
    }
    /// The exit code of the last command line.
    std::string code() {
        user.wait_for("prompt>");
        enter("echo code=$?.");
        user.wait_for("code=$?.");
        user.wait_for("code=");
        return user.wait_for(".");
    }

    redis_server redis;
    terminal user{{"/bin/bash", "--norc", "--noprofile", "--noediting", "-i"},
                  {{"PS1", "prompt>"}, {"PATH", "/usr/bin:/bin"}, {"HOLDFAST_STORE", redis.url()}}};
};

TEST_F(terminal_run, the_command_reads_from_the_terminal) {
    (void)start("");
    answers("one", "got=one.");
    answers("two", "then=two.");
    EXPECT_EQ(code(), "0");
}

TEST_F(terminal_run, ctrl_z_suspends_the_job_and_fg_continues_it) {
    const auto command = start("");
    answers("one", "got=one.");
    for (int i = 0; i < 3; ++i) {
        user.type(ctrl_z);
        user.wait_for("Stopped");
        await_state(command, "T");
        enter("jobs");
        user.wait_for("Stopped");
        enter("fg");
        await_state(command, "SR");
    }
    answers("two", "then=two.");
    EXPECT_EQ(code(), "0");
    await_free();
}

TEST_F(terminal_run, in_the_background_a_command_that_reads_is_suspended_again) {
    const auto command = start("");
    user.type(ctrl_z);
    user.wait_for("Stopped");
    enter("bg");
    await_stopped_job();
    await_state(command, "T");
    enter("fg");
    await_state(command, "SR");
    answers("one", "got=one.");
    answers("two", "then=two.");
    EXPECT_EQ(code(), "0");
}

TEST_F(terminal_run, one_that_was_started_in_the_background_comes_to_the_foreground) {
    enter(std::string(HOLDFAST_PROGRAM) + " run n sh -c 'echo pid=$$.; read x; echo got=$x.' &");
    user.wait_for("pid=$$.");
    user.wait_for("pid=");
    const auto command = std::stoi(user.wait_for("."));
    await_stopped_job();
    await_state(command, "T");
    enter("fg");
    await_state(command, "SR");
    answers("one", "got=one.");
    EXPECT_EQ(code(), "0");
}

// The shell takes the job for a running one, so it sends no SIGCONT: reading must just work.
TEST_F(terminal_run, brought_to_the_foreground_while_it_runs_it_reads_from_then_on) {
    const auto fifo = redis.folder() + "/go";
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    enter(std::string(HOLDFAST_PROGRAM) + " run n sh -c 'read go < " + fifo +
          "; read x; echo got=$x.' &");
    std::ofstream go(fifo);  // opens when the command does
    const auto shell = user.foreground();
    enter("fg");
    EXPECT_TRUE(wait_until([&] { return user.foreground() != shell; }));
    go << "go" << std::endl;
    answers("one", "got=one.");
    EXPECT_EQ(code(), "0");
}

TEST_F(terminal_run, ctrl_c_reaches_the_command) {
    (void)start("");
    user.type(ctrl_c);
    EXPECT_EQ(code(), "130");
    await_free();
}

// Nobody extends the lease of a suspended holder; the watcher of the command keeps the deadline.
TEST_F(terminal_run, suspended_for_longer_than_the_lease_the_command_is_ended) {
    const auto command = start("--ttl 1s");
    user.type(ctrl_z);
    user.wait_for("Stopped");
    await_free();
    await_state(command, "-Z");
    enter("fg");
    user.wait_for("lost the lock n");
    EXPECT_EQ(code(), "75");
}

TEST_F(terminal_run, suspended_for_longer_than_the_lease_it_may_run_on) {
    const auto command = start("--ttl 1s --on-lost ignore");
    user.type(ctrl_z);
    user.wait_for("Stopped");
    await_free();
    EXPECT_EQ(state_of(command), 'T');
    enter("fg");
    answers("one", "got=one.");
    answers("two", "then=two.");
    user.wait_for("the command ran on without it");
    EXPECT_EQ(code(), "0");
}

TEST_F(terminal_run, told_to_stop_it_stops_with_its_command_and_goes_on_with_it) {
    enter(std::string(HOLDFAST_PROGRAM) +
          " run n sh -c 'echo pid=$$.; exec sleep 60' < /dev/null &");
    user.wait_for("pid=$$.");
    user.wait_for("pid=");
    const auto command = std::stoi(user.wait_for("."));
    enter("kill -TSTP %1");
    await_stopped_job();
    await_state(command, "T");
    enter("kill -CONT %1");
    await_state(command, "SR");
    enter("kill %1; wait %1");
    EXPECT_EQ(code(), "143");
    await_free();
}

TEST_F(terminal_run, suspended_while_it_waits_it_waits_on_when_it_is_continued) {
    redis.cli({"SET", "n", "plain"});
    enter(std::string(HOLDFAST_PROGRAM) + " run n echo ran=");
    EXPECT_TRUE(wait_until([&] { return redis.cli({"ZCARD", "hf:q:{n}:n"}) == "1"; }));
    user.type(ctrl_z);
    user.wait_for("Stopped");
    enter("fg");
    redis.cli({"DEL", "n"});
    EXPECT_EQ(code(), "0");
    EXPECT_NE(user.shown().rfind("\nran="), std::string::npos);
}

}  // namespace
}  // namespace holdfast::test
