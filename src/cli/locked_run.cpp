// The life of one `holdfast run`.
#include "cli/locked_run.hpp"

#include "cli/run_plan.hpp"
#include "holdfast/locker.hpp"
#include "runtime/deadline.hpp"
#include "runtime/process.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstring>
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
          signals_(session.context) {
        for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2})
            if (!ignored_from_the_start(number)) signals_.add(number);
        listen();
    }

    task<int> run() {
        co_await session_.connect();
        locker locks(session_.runtime, *session_.state);
        auto got = co_await acquire(locks);
        int code = 0;
        if (got && stopped_by_ == 0) {
            code = co_await run_command(locks, std::move(*got));
        } else if (got) {
            co_await locks.release(std::move(*got));
        }
        co_await before_deadline(session_.runtime, locks.now() + farewell, locks.close());
        if (stopped_by_ != 0) co_return 128 + stopped_by_;
        if (!got) refuse(got.error());
        co_return code;
    }

private:
    /// To the command if there is one; otherwise it ends the wait.
    void listen() {
        signals_.async_wait([this](error_code ec, int number) {
            if (ec) return;
            if (command_ != nullptr) {
                command_->send_signal(number);
            } else if (number != SIGUSR1 && number != SIGUSR2) {
                stopped_by_ = number;
                stop_waiting_.emit(asio::cancellation_type::terminal);
            }
            listen();
        });
    }

    task<result<lease>> acquire(locker& locks) {
        if (options_.wait == milliseconds{0})
            co_return co_await locks.try_acquire(options_.name, options_.ttl);
        const auto until = options_.wait ? locks.now() + *options_.wait : steady_time::max();
        auto token =
            asio::bind_cancellation_slot(stop_waiting_.slot(), asio::as_tuple(asio::use_awaitable));
        auto waiting = locks.async_acquire(options_.name, options_.ttl, until, token);
        auto [ec, got] = co_await std::move(waiting);
        if (ec) co_return ec;
        co_return std::move(got);
    }

    [[noreturn]] void refuse(const error_code& ec) const {
        const auto& name = options_.name.str();
        if (ec == errc::busy || ec == errc::timed_out)
            throw command_failure(options_.conflict_exit_code,
                                  name +
                                      " is held by somebody else; the command did not run; see "
                                      "holdfast lock show");
        if (ec == errc::wrong_type)
            throw command_failure(exit_code::no, "the key " + name +
                                                     " holds something that is not a lock; " +
                                                     "choose another name");
        fail(ec, "cannot take the lock " + name, "the command did not run");
    }

    process_spec spec_for(const scoped_lease& held) const {
        process_spec spec;
        spec.argv = options_.command;
        spec.environment = {{"HOLDFAST_LOCK", options_.name.str()},
                            {"HOLDFAST_FENCE", std::to_string(held.fence().value())},
                            {"HOLDFAST_STORE", options_.store}};
        spec.keep_output = false;
        spec.grace = plan_.grace;
        spec.deadline = held.valid_until() - plan_.kill_margin;
        return spec;
    }

    // The watcher of the command keeps the deadline, also when this process is stopped or killed;
    // here it is only moved.
    task<int> run_command(locker& locks, lease got) {
        keep_options options;
        options.stop_margin = plan_.kill_margin;
        options.on_extended = [this](steady_time end) {
            if (command_ != nullptr) command_->set_deadline(end - plan_.kill_margin);
        };
        auto held = locks.keep(std::move(got), std::move(options));
        auto started = process::start(session_.runtime, spec_for(held));
        if (!started) fail(started.error(), "cannot start a process", "the command did not run");
        command_ = started->get();
        auto tell = [this] {
            if (command_ != nullptr) command_->terminate();
        };
        process_end end;
        {
            const std::stop_callback on_lost(held.lost(), tell);
            end = co_await command_->wait();
            command_ = nullptr;
        }
        const auto why = end.timed_out ? lost_reason::expired_locally : held.reason();
        co_await held.release();
        co_return judge(end, why);
    }

    int judge(const process_end& end, lost_reason why) const {
        if (end.start_error != 0)
            throw command_failure(end.shell_code(), options_.command.front() + " cannot be run; " +
                                                        std::string(strerror(end.start_error)) +
                                                        "; the lock was released");
        if (why != lost_reason::none)
            throw command_failure(exit_code::unavailable, "lost the lock " + options_.name.str() +
                                                              " while the command ran; " +
                                                              std::string(name_of(why)) +
                                                              "; the command was stopped");
        return end.shell_code();
    }

    store_session& session_;
    locked_run_options options_;
    run_plan plan_;
    asio::signal_set signals_;
    asio::cancellation_signal stop_waiting_;
    int stopped_by_ = 0;
    process* command_ = nullptr;
};

}  // namespace

int locked_run(locked_run_options options) {
    store_session session(options.store);
    run_under_lock work(session, std::move(options));
    return session.run(work.run());
}

}  // namespace holdfast::cli
