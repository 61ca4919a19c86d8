// Real commands: how they end, what they print, and that none outlives its deadline or its owner.
#include "runtime/process.hpp"

#include "runtime/deadline.hpp"
#include "support/child_process.hpp"
#include "support/run.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace holdfast {
namespace {

using test::wait_for_content;
using test::wait_until_gone;

process_spec shell(const std::string& line) {
    process_spec spec;
    spec.argv = {"sh", "-c", line};
    spec.grace = milliseconds{200};
    return spec;
}

struct finished {
    process_end end;
    std::string output;
};

finished run_spec(test::real_world& world, process_spec spec) {
    auto started = process::start(world.runtime, std::move(spec)).value();
    const auto end = world.run(started->wait());
    return {end, started->output()};
}

TEST(process, gives_exit_code_output_and_environment) {
    test::real_world world;
    auto spec = shell("echo $GREETING; echo bad >&2; pwd; exit 3");
    spec.environment["GREETING"] = "hello";
    spec.folder = "/";
    const auto done = run_spec(world, spec);
    EXPECT_EQ(done.end.code, 3);
    EXPECT_EQ(done.end.shell_code(), 3);
    EXPECT_EQ(done.output, "hello\nbad\n/\n");
}

TEST(process, a_command_gets_the_descriptors_that_are_named_and_no_others) {
    test::real_world world;
    const int named = fcntl(0, F_DUPFD, 60);
    const int ours = fcntl(0, F_DUPFD, named + 1);
    for (const bool given : {false, true}) {
        auto spec = shell("for fd in " + std::to_string(named) + " " + std::to_string(ours) +
                          "; do test ! -e /proc/$$/fd/$fd || echo $fd; done");
        if (given) spec.descriptors = {named};
        EXPECT_EQ(run_spec(world, spec).output, given ? std::to_string(named) + "\n" : "");
    }
    close(ours);
    close(named);
}

TEST(process, what_we_ignore_the_command_ignores) {
    test::real_world world;
    const auto spec = shell("kill -USR1 $$; echo alive");
    EXPECT_EQ(run_spec(world, spec).end.signal, SIGUSR1);
    std::signal(SIGUSR1, SIG_IGN);
    EXPECT_EQ(run_spec(world, spec).output, "alive\n");
    std::signal(SIGUSR1, SIG_DFL);
}

TEST(process, a_command_that_cannot_start_says_why) {
    test::real_world world;
    process_spec missing;
    missing.argv = {"/no/such/program"};
    EXPECT_EQ(run_spec(world, missing).end.shell_code(), 127);
    process_spec folder;
    folder.argv = {"/"};
    EXPECT_EQ(run_spec(world, folder).end.shell_code(), 126);
    EXPECT_FALSE(process::start(world.runtime, {}));
}

TEST(process, keeps_the_last_bytes_of_a_long_output) {
    test::real_world world;
    auto spec = shell("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done");
    spec.output_limit = 100;
    const auto done = run_spec(world, spec);
    EXPECT_EQ(done.output.size(), 100u);
    EXPECT_TRUE(done.output.ends_with("line 2999\n"));
}

TEST(process, the_deadline_ends_a_command_that_ignores_term_and_its_children) {
    test::real_world world;
    test::temporary_folder folder;
    auto spec = shell(
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > pid; sleep 600' & wait; "
        "while :; do sleep 600; done");
    spec.folder = folder.path();
    spec.deadline = world.runtime.now() + milliseconds{700};
    const auto done = run_spec(world, spec);
    EXPECT_EQ(done.end.signal, SIGKILL);
    EXPECT_TRUE(done.end.timed_out);
    EXPECT_TRUE(wait_until_gone(std::stoi(wait_for_content(folder.path() + "/pid"))));
}

TEST(process, terminate_lets_a_command_clean_up) {
    test::real_world world;
    auto spec = shell("trap 'echo cleaned; exit 7' TERM; echo ready; while :; do sleep 0.01; done");
    spec.grace = seconds{20};
    auto command = process::start(world.runtime, spec).value();
    auto stop_when_ready = [&]() -> task<void> {
        while (command->output().empty())
            co_await world.runtime.sleep_until(world.runtime.now() + milliseconds{1});
        command->terminate();
    };
    boost::asio::co_spawn(world.context, stop_when_ready(), boost::asio::detached);
    const auto end = world.run(command->wait());
    EXPECT_EQ(end.code, 7);
    EXPECT_FALSE(end.timed_out);
    EXPECT_TRUE(command->output().ends_with("cleaned\n")) << command->output();
}

TEST(process, what_a_command_leaves_behind_in_its_group_is_killed) {
    test::real_world world;
    const auto done = run_spec(world, shell("sleep 600 & echo $!"));
    EXPECT_EQ(done.end.code, 0);
    EXPECT_TRUE(wait_until_gone(std::stoi(done.output)));
}

TEST(process, moving_the_deadline_lets_the_command_finish) {
    test::real_world world;
    auto spec = shell("sleep 0.5; echo done");
    spec.grace = milliseconds{0};
    spec.deadline = world.runtime.now() + milliseconds{300};
    auto command = process::start(world.runtime, spec).value();
    command->set_deadline(world.runtime.now() + seconds{60});
    EXPECT_EQ(world.run(command->wait()).code, 0);
}

// The owner of these is a child of the test, so that it can be killed.
pid_t fork_owner(process_spec spec) {
    const pid_t owner = fork();
    if (owner != 0) return owner;
    test::real_world world;
    spec.deadline += world.runtime.now() - steady_time{};
    auto command = process::start(world.runtime, std::move(spec)).value();
    world.run(command->wait());
    _exit(0);
}

TEST(process, a_killed_owner_leaves_the_command_its_time_and_no_more) {
    test::temporary_folder folder;
    auto spec = shell(
        "echo $$ > pid; echo to a broken pipe; sleep 0.3; echo finished > late; "
        "exec sleep 600");
    spec.folder = folder.path();
    spec.deadline = steady_time{seconds{3}};
    const pid_t owner = fork_owner(spec);
    const auto pid = std::stoi(wait_for_content(folder.path() + "/pid"));
    kill(owner, SIGKILL);
    waitpid(owner, nullptr, 0);
    EXPECT_EQ(wait_for_content(folder.path() + "/late"), "finished\n");
    EXPECT_TRUE(wait_until_gone(pid));
}

TEST(process, a_stopped_owner_cannot_keep_the_command_past_its_deadline) {
    test::temporary_folder folder;
    auto spec = shell("echo $$ > pid; exec sleep 600");
    spec.folder = folder.path();
    spec.deadline = steady_time{seconds{2}};
    const pid_t owner = fork_owner(spec);
    const auto pid = std::stoi(wait_for_content(folder.path() + "/pid"));
    kill(owner, SIGSTOP);
    EXPECT_TRUE(wait_until_gone(pid));
    kill(owner, SIGKILL);
    waitpid(owner, nullptr, 0);
}

}  // namespace
}  // namespace holdfast
