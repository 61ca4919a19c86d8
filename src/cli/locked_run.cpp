// The life of one `holdfast run`.
#include "cli/locked_run.hpp"

#include "cli/inherited.hpp"
#include "cli/job_control.hpp"
#include "cli/lock_wait.hpp"
#include "cli/run_plan.hpp"
#include "runtime/deadline.hpp"
#include "runtime/process.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstring>
#include <iostream>
#include <stop_token>

namespace holdfast::cli {
namespace {

namespace asio = boost::asio;

constexpr seconds farewell{2};  // to give up a place in a queue when leaving

bool ignored_from_the_start(int number) {
    struct sigaction now{};
    return sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

class run_under_lock {
public:
    run_under_lock(store_session& session, locked_run_options options)
        : session_(session),
          options_(std::move(options)),
          plan_(options_.ttl),
          signals_(session.context),
          wait_(session, options_) {
        for (const int number :
             {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT})
            if (!ignored_from_the_start(number)) signals_.add(number);
        listen();
    }

    task<int> run() {
        co_await wait_.until_granted_or_stopped();
        auto got = wait_.take_grant();
        int code = 0;
        if (got && stopped_by_ == 0) {
            code = co_await run_command(wait_.locks(), std::move(*got));
        } else if (got) {
            co_await wait_.locks().release(std::move(*got));
        }
        // Where the store is away nobody hears a goodbye; it passes over a waiter that is gone.
        if (wait_.connected() && session_.state->connected()) {
            auto goodbye = wait_.locks().close();
            co_await before_deadline(session_.runtime, session_.runtime.now() + farewell,
                                     std::move(goodbye));
        }
        if (stopped_by_ != 0) co_return 128 + stopped_by_;
        wait_.rethrow_failure();
        co_return code;
    }

private:
    /// To the command if there is one; otherwise it ends the wait.
    void listen() {
        signals_.async_wait([this](error_code ec, int number) {
            if (ec) return;
            if (number == SIGTSTP) {
                suspend_with_command();
            } else if (number == SIGCONT) {
                if (command_ != nullptr) command_->resume();
            } else if (command_ != nullptr) {
                command_->send_signal(number);
            } else if (number != SIGUSR1 && number != SIGUSR2) {
                stopped_by_ = number;
                wait_.stop();
            }
            listen();
        });
    }

    // We were told to stop, so the command is, and then we do. Our lease is not extended meanwhile;
    // the watcher keeps the deadline.
    void suspend_with_command() {
        if (command_ != nullptr) command_->send_signal(SIGTSTP);
        suspend(suspended::only_us, SIGTSTP);
        if (command_ != nullptr) command_->resume();
    }

    // The terminal stopped the command, which is in a group of its own: the shell has to see its
    // job stop. Unless it wanted a terminal that has become ours since: a shell that takes its job
    // for a running one brings it to the foreground without a SIGCONT. Where no shell watches,
    // Ctrl-Z stops nobody; a command that wants to read from a terminal it does not have is left
    // alone.
    void follow(int number) {
        if (number != SIGTSTP && number != SIGTTIN && number != SIGTTOU) return;
        command_->take_terminal();
        if (number != SIGTSTP && in_foreground()) return command_->resume();
        const bool continued = suspend(suspended::our_group, number);
        if (continued || number == SIGTSTP) command_->resume();
    }

    process_spec spec_for(const scoped_lease& held) {
        process_spec spec;
        spec.argv = options_.command;
        spec.environment = {{"HOLDFAST_LOCK", options_.name.str()},
                            {"HOLDFAST_FENCE", std::to_string(held.fence().value())},
                            {"HOLDFAST_STORE", options_.store},
                            {"HOLDFAST_AGENT", wait_.agent()}};
        spec.keep_output = false;
        spec.descriptors = options_.descriptors;
        spec.on_suspended = [this](int number) {
            if (command_ != nullptr) follow(number);
        };
        spec.grace = options_.lost == on_lost::term ? plan_.grace : milliseconds{0};
        if (options_.lost != on_lost::ignore)
            spec.deadline = held.valid_until() - plan_.kill_margin;
        return spec;
    }

    // The watcher of the command keeps the deadline, also when this process is stopped or killed;
    // here it is only moved.
    keep_options keep_as_asked() {
        keep_options options;
        options.stop_margin = plan_.kill_margin;
        options.on_extended = [this](steady_time end) {
            if (command_ != nullptr && options_.lost != on_lost::ignore)
                command_->set_deadline(end - plan_.kill_margin);
        };
        return options;
    }

    task<int> run_command(locker& locks, lease got) {
        auto held = locks.keep(std::move(got), keep_as_asked());
        auto started = process::start(session_.runtime, spec_for(held));
        if (!started) {
            co_await held.release();
            throw command_failure(exit_code::unavailable,
                                  "no process or descriptor is to be had; the command did not run; "
                                  "raise the limits (ulimit -u, ulimit -n) or end something");
        }
        command_ = started->get();
        auto tell = [this] {
            if (command_ == nullptr) return;
            if (options_.lost != on_lost::ignore) command_->terminate();
        };
        process_end end;
        {
            const std::stop_callback when_lost(held.lost(), tell);
            end = co_await command_->wait();
            command_ = nullptr;
        }
        auto why = end.timed_out ? lost_reason::expired_locally : held.reason();
        // We were suspended, and the end of the command comes to be heard of before that of the
        // lease.
        if (why == lost_reason::none && !held.valid(session_.runtime.now()))
            why = lost_reason::expired_locally;
        co_await held.release();
        co_return judge(end, why);
    }

    int judge(const process_end& end, lost_reason why) const {
        if (end.start_error != 0)
            throw command_failure(end.shell_code(), options_.command.front() + " cannot be run; " +
                                                        std::string(strerror(end.start_error)) +
                                                        "; the lock was released");
        if (why == lost_reason::none) return end.shell_code();
        const auto lost = "lost the lock " + options_.name.str() + " while the command ran; " +
                          std::string(name_of(why));
        if (options_.lost != on_lost::ignore)
            throw command_failure(exit_code::unavailable, lost + "; the command was stopped");
        std::cerr << "holdfast: " << lost << "; the command ran on without it\n";
        return end.shell_code();
    }

    store_session& session_;
    locked_run_options options_;
    run_plan plan_;
    asio::signal_set signals_;
    lock_wait wait_;
    int stopped_by_ = 0;
    process* command_ = nullptr;
};

}  // namespace

int locked_run(locked_run_options options) {
    options.descriptors = open_descriptors();
    store_session session;
    run_under_lock work(session, std::move(options));
    return session.run(work.run());
}

}  // namespace holdfast::cli
