// Starting processes, and the judgement at the end.
#include "faults/fault_world.hpp"

#include "support/wait.hpp"

namespace holdfast::test {

std::string beside(const std::string& name) {
    const std::string known = HOLDFAST_PROGRAM;
    return known.substr(0, known.rfind('/') + 1) + name;
}

double in_seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

fault_world::fault_world(std::vector<std::string> redis_arguments,
                         std::map<std::string, std::string> redis_environment)
    : redis_(std::move(redis_arguments), std::move(redis_environment)) {}

void fault_world::TearDown() { EXPECT_EQ(referee_.violations(), ""); }

child_process fault_world::agent(const agent_plan& plan) const {
    return child_process({beside(plan.blocking ? "fault_blocking_agent" : "fault_agent"),
                          plan.store.empty() ? redis_.url() : plan.store, referee_.path(), plan.who,
                          plan.lock, std::to_string(plan.ttl.count()),
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
    for (const auto& word : {std::string("--"), beside("fault_inside"), referee_.path(), who})
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

void fault_world::live(milliseconds span) const {
    const auto end = now() + span;
    until([&] { return now() >= end; });
}

referee_time fault_world::await_old_lease(const std::string& lock, milliseconds below) const {
    referee_time ends;
    until([&] {
        const auto asked = now();
        const milliseconds left{number({"PTTL", lock})};
        ends = asked + left;
        return left < below;
    });
    return ends;
}

void fault_world::await_queue(const std::string& lock, long long length) const {
    const auto queue = "hf:q:{" + lock + "}:" + lock;
    until([&] { return number({"ZCARD", queue}) == length; });
}

}  // namespace holdfast::test
