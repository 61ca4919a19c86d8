// holdfast-sim as somebody uses it: what it refuses, and how a swarm is watched and ended.
#include "support/child_process.hpp"
#include "support/terminal.hpp"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::test {
namespace {

const std::string program = HOLDFAST_PROGRAM "-sim";

child_process run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program);
    return run_to_end(std::move(arguments));
}

TEST(sim_program, refuses_what_it_cannot_mean) {
    const struct {
        std::vector<std::string> arguments;
        std::string says;
    } all[] = {
        {{"--workload", "lock,crochet"}, "unknown workload 'crochet'"},
        {{"--workload", "lock,lock"}, "'lock' is there twice"},
        {{"--workload", "lock,,rw"}, "unknown workload ''"},
        {{"--faults", "crash,earthquake"}, "earthquake"},
        {{"--mutant", "no-such"}, "--list-mutants"},
        {{"--nodes", "0"}, "--nodes"},
        {{"--nodes", "five"}, "--nodes"},
        {{"--message-trouble", "1000001"}, "--message-trouble"},
        {{"--for", "a while"}, "'a while' is no span"},
        {{"--for", "0s"}, "--for: must be positive"},
        {{"--for", "900000d"}, "is no span"},
        {{"--fault-every", "0"}, "--fault-every: must be positive"},
        {{"--busy", "soon"}, "'soon' is no span"},
        {{"--seed", "-1"}, "'-1' is no seed"},
        {{"--seed", "18446744073709551616"}, "is no seed"},
        {{"--json", "--trace"}, "--trace"},
        {{"--seeds", "5..3"}, "the first is above the last"},
        {{"--seeds", "5"}, "write it as A..B"},
        {{"--seeds", "one..2"}, "'one' is no seed"},
        {{"--seeds", "1..2x"}, "'2x' is no seed"},
        {{"--seeds", "1..99999999999999999999"}, "is no seed"},
        {{"--seeds", "1..2", "--swarm"}, "--swarm"},
        {{"--seeds", "1..2", "--for", "1h"}, "--for"},
        {{"--swarm", "--trace"}, "--trace"},
        {{"--box", "1m"}, "--swarm"},
        {{"7"}, "7"},
    };
    for (const auto& [arguments, says] : all) {
        SCOPED_TRACE(arguments[0] + (arguments.size() > 1 ? " " + arguments[1] : ""));
        auto refused = run(arguments);
        EXPECT_EQ(refused.wait_code(), 2);
        EXPECT_EQ(refused.out(), "");
        EXPECT_NE(refused.err().find(says), std::string::npos) << refused.err();
        EXPECT_NE(refused.err().find("see holdfast-sim --help\n"), std::string::npos);
    }
}

TEST(sim_program, a_finding_is_told_with_what_repeats_it) {
    const std::vector<std::string> arguments{
        "--seed",     "1",    "--for",    "20m",
        "--faults",   "none", "--mutant", "acquire-over-a-holder",
        "--workload", "lock"};
    auto found = run(arguments);
    EXPECT_EQ(found.wait_code(), 1);
    for (const auto* part : {"The last events before the finding:", "FOUND  ", "\nseed   1\n",
                             "\ncommit ", "\nagain  holdfast-sim --seed 1 "})
        EXPECT_NE(found.out().find(part), std::string::npos) << part << "\n" << found.out();
    EXPECT_EQ(found.err(), "");
}

TEST(sim_program, tells_programs_in_json) {
    auto good =
        run({"--seed", "18446744073709551615", "--for", "5m", "--workload", "latch", "--json"});
    EXPECT_EQ(good.wait_code(), 0);
    EXPECT_TRUE(good.out().starts_with(R"({"seed":"18446744073709551615","hash":")")) << good.out();
    EXPECT_NE(good.out().find(R"("findings":[],"commit":")"), std::string::npos) << good.out();
    auto swarm = run({"--seeds", "1..3", "--workload", "latch", "--json"});
    EXPECT_EQ(swarm.wait_code(), 0);
    EXPECT_TRUE(swarm.out().starts_with(R"({"runs":3,"fleet_days":0.)")) << swarm.out();
    EXPECT_TRUE(swarm.out().ends_with("\"failed\":null}\n")) << swarm.out();
    auto bad = run({"--seeds", "1..9", "--faults", "none", "--mutant", "acquire-over-a-holder",
                    "--workload", "lock", "--json"});
    EXPECT_EQ(bad.wait_code(), 1);
    EXPECT_TRUE(std::regex_search(
        bad.out(), std::regex(R"re("failed":\{"seed":"\d","findings":\["[^\]]+"\],"story":\[")re")))
        << bad.out();
}

TEST(sim_program, the_environment_changes_nothing) {
    const auto hash_in = [](std::map<std::string, std::string> environment) {
        child_process::options how;
        how.environment = std::move(environment);
        auto done = run_to_end({program, "--for", "5m", "--workload", "lock,schedule,token"}, how);
        EXPECT_EQ(done.wait_code(), 0) << done.out();
        return done.out().substr(0, done.out().find("  took"));
    };
    const auto plain = hash_in({});
    EXPECT_NE(plain.find("hash "), std::string::npos);
    EXPECT_EQ(plain, hash_in({{"TZ", "Pacific/Chatham"}, {"LC_ALL", "de_DE.UTF-8"}}));
    EXPECT_EQ(plain, hash_in({{"MALLOC_PERTURB_", "165"}, {"HOME", "/nonexistent"}}));
}

TEST(sim_program, a_swarm_is_watched_on_a_terminal_and_ended_by_ctrl_c_with_its_summary) {
    const auto swarm = program + " --swarm --box 10m --workload latch";
    terminal screen({"/bin/sh", "-c", "trap : INT; " + swarm + "; echo ended with $?"}, {});
    screen.wait_for(" fleet-days");
    screen.type("\x03");
    screen.wait_for(", interrupted");
    screen.wait_for("ended with 130");
}

TEST(sim_program, says_when_its_output_went_nowhere) {
    auto full = run_to_end({"/bin/sh", "-c", program + " --for 1m --workload latch > /dev/full"});
    EXPECT_EQ(full.wait_code(), 70);
    EXPECT_NE(full.err().find("could not be written"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::test
