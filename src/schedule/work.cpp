// Functions and commands.
#include "schedule/work.hpp"

#include "runtime/process.hpp"
#include "schedule/definition.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace holdfast::schedule {
namespace {

std::map<std::string, std::string> environment_of(const command_work& work,
                                                  const run_facts& facts) {
    auto environment = work.environment;
    environment["HOLDFAST_JOB"] = facts.firing.job.str();
    environment["HOLDFAST_FIRE_TIME"] = utc_text(facts.firing.fire_time);
    environment["HOLDFAST_FENCE"] = std::to_string(facts.fence.value());
    environment["HOLDFAST_ATTEMPT"] = std::to_string(facts.attempt);
    environment["HOLDFAST_STORE"] = facts.store_url;
    return environment;
}

// The command that is running, for the keeper of the lease; gone when the frame is.
struct shown_command {
    run_control& control;
    shown_command(run_control& c, process& p) : control(c) { control.command = &p; }
    ~shown_command() { control.command = nullptr; }
    shown_command(const shown_command&) = delete;
};

work_result result_of(const process_end& end, const process& command) {
    work_result done;
    done.succeeded = end.code == 0;
    done.overdue = end.timed_out;
    done.exit_code = std::to_string(end.shell_code());
    done.output = command.output();
    if (command.output_cut()) done.output.insert(0, "[earlier output dropped]\n");
    if (end.start_error != 0)
        done.detail = std::string("cannot be executed: ") + std::strerror(end.start_error);
    else if (end.signal)
        done.detail = "ended by signal " + std::to_string(*end.signal);
    return done;
}

}  // namespace

void run_control::extended(steady_time until) {
    valid_until = until;
    if (command != nullptr) command->set_deadline(until);
}

task<work_result> do_function(const function_work& work, job_context& context) {
    work_result done;
    try {
        const auto ended = co_await work.call(context);
        done.succeeded = ended.has_value();
        if (!ended) done.detail = ended.error().message();
    } catch (const std::exception& e) {
        done.detail = e.what();
    } catch (...) {
        done.detail = "an exception that is not a std::exception";
    }
    co_return done;
}

task<work_result> do_command(runtime& rt, const command_work& work, const run_facts& facts,
                             run_control& control) {
    process_spec spec;
    spec.argv = work.argv;
    spec.environment = environment_of(work, facts);
    spec.folder = work.folder;
    spec.grace = std::min(work.grace, control.lease / 4);
    spec.deadline = control.valid_until;
    work_result done;
    auto started = process::start(rt, std::move(spec));
    if (!started) {
        done.detail = "cannot be started: " + started.error().message();
        co_return done;
    }
    auto& command = *started.value();
    const shown_command shown(control, command);
    try {
        const std::stop_callback on_stop(control.stop.get_token(),
                                         [&] { command.terminate(work.grace); });
        const auto end = co_await command.wait();
        done = result_of(end, command);
    } catch (const std::exception& e) {
        done.detail = e.what();
        done.output = command.output();
    }
    co_return done;
}

}  // namespace holdfast::schedule
