// Starting processes, and the judgement at the end.
#include "faults/fault_world.hpp"

#include "support/wait.hpp"

namespace holdfast::test {
namespace {

std::string program(const std::string& name) {
    const std::string beside = HOLDFAST_PROGRAM;
    return beside.substr(0, beside.rfind('/') + 1) + name;
}

}  // namespace

double in_seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

fault_world::fault_world(std::vector<std::string> redis_arguments)
    : redis_(std::move(redis_arguments)) {}

void fault_world::TearDown() { EXPECT_EQ(referee_.violations(), ""); }

child_process fault_world::agent(const agent_plan& plan) const {
    return child_process({program("fault_agent"), plan.store.empty() ? redis_.url() : plan.store,
                          referee_.path(), plan.who, plan.lock, std::to_string(plan.ttl.count()),
                          std::to_string(plan.hold.count()), std::to_string(plan.turns)});
}

child_process fault_world::holdfast(std::vector<std::string> words) const {
    words.insert(words.begin(), HOLDFAST_PROGRAM);
    child_process::options options;
    options.environment = {{"HOLDFAST_STORE", redis_.url()}};
    options.patience = seconds{60};
    return child_process(std::move(words), options);
}

child_process fault_world::run(const std::string& lock, const std::string& who,
                               std::vector<std::string> flags, milliseconds span) const {
    std::vector<std::string> words{"run", lock};
    words.insert(words.end(), flags.begin(), flags.end());
    for (const auto& word : {std::string("--"), program("fault_inside"), referee_.path(), who})
        words.push_back(word);
    if (span.count() > 0) words.push_back(std::to_string(span.count()));
    return holdfast(std::move(words));
}

std::string fault_world::ask(const std::vector<std::string>& command) const {
    return redis_wire(redis_.port()).ask(command);
}

long long fault_world::number(const std::vector<std::string>& command) const {
    return std::stoll(ask(command));
}

void fault_world::until(const std::function<bool()>& holds) const {
    ASSERT_TRUE(wait_until(holds, seconds{60})) << "what was waited for did not happen";
}

void fault_world::await_queue(const std::string& lock, long long length) const {
    const auto queue = "hf:q:{" + lock + "}:" + lock;
    until([&] { return number({"ZCARD", queue}) == length; });
}

}  // namespace holdfast::test
