// A checker that finds no defect is no checker: each one built in on purpose is found by the swarm.
#include "sim/mutants.hpp"

#include "sim/swarm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace holdfast::sim {
namespace {

class mutants : public testing::TestWithParam<defect> {};

TEST_P(mutants, is_found) {
    swarm_plan plan;
    plan.last_seed = 60;
    plan.workloads = {std::string(GetParam().workload)};
    plan.mutant = std::string(GetParam().name);
    swarm_result found;
    if (GetParam().faults.empty())
        found = run(plan);
    else
        plan.faults = fault_set::parse(GetParam().faults).value();
    if (!found.failed) {  // some need several faults at once, and some of them certain ones
        plan.fault_every = seconds{30};
        found = run(plan);
    }
    EXPECT_TRUE(found.failed.has_value()) << found.runs << " runs, " << found.fleet_days << " days";
    RecordProperty("runs", static_cast<int>(found.runs));
}

std::string name_of_case(const testing::TestParamInfo<defect>& which) {
    auto name = std::string(which.param.name);
    for (auto& c : name)
        if (c == '-') c = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(sim, mutants, testing::ValuesIn(all_mutants()), name_of_case);

TEST(mutant_list, has_defects_of_scripts_and_of_the_code) {
    const auto in_code = [](const defect& one) { return one.script.empty(); };
    EXPECT_GE(std::ranges::count_if(all_mutants(), in_code), 12);
    EXPECT_GE(std::ranges::count_if(all_mutants(), std::not_fn(in_code)), 26);
}

TEST(mutant_list, an_unknown_one_is_refused) {
    scenario what;
    what.mutant = "no-such";
    EXPECT_THROW(run(what), std::invalid_argument);
}

}  // namespace
}  // namespace holdfast::sim
