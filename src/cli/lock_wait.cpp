// Waiting for a folder, a connection and a lock, in that order.
#include "cli/lock_wait.hpp"

#include "base/duration.hpp"
#include "cli/share_print.hpp"
#include "lock/process_name.hpp"
#include "runtime/deadline.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <iostream>

namespace holdfast::cli {
namespace {

constexpr milliseconds folder_poll{50};
constexpr seconds first_answer{2};
constexpr const char* build = "holdfast-" HOLDFAST_VERSION;
constexpr const char* outermost = "run";

void say(const std::string& line) { std::cerr << "holdfast: " << line << std::endl; }

}  // namespace

lock_wait::lock_wait(store_session& session, const locked_run_options& options)
    : session_(session),
      options_(options),
      began_(session.runtime.now()),
      give_up_at_(options.wait ? began_ + *options.wait : steady_time::max()),
      stopped_(session.runtime.executor()) {}

std::string lock_wait::agent() const {
    return options_.agent.empty() ? shown_as({}, build) + "#" + outermost : options_.agent;
}

void lock_wait::stop() { stopped_.notify_all(); }

// What get() has is kept in members: the operator drops the value of the side that came second.
task<void> lock_wait::until_granted_or_stopped() {
    using namespace boost::asio::experimental::awaitable_operators;
    co_await (get() || stopped_.wait());
}

task<void> lock_wait::get() {
    try {
        co_await open();
        co_await connect();
        locks_.emplace(session_.runtime, *session_.state, null_journal(),
                       locker_options{.build = build, .history = true});
        co_await acquire();
    } catch (...) {
        failed_ = std::current_exception();
    }
}

// A folder is one process's at a time. To a second `run` that is the same as a lock that is held.
task<void> lock_wait::open() {
    std::string why;
    // An access list that does not allow the lock's own key is found out when connecting.
    const store_settings place{.url = options_.store, .other_keys = {options_.name.str()}};
    for (bool told = false;;) {
        const auto opened = session_.open(place, why);
        if (opened) co_return;
        if (opened.error() != errc::folder_in_use)
            throw command_failure(exit_code_of(opened.error()), why);
        if (session_.runtime.now() >= give_up_at_)
            throw command_failure(options_.conflict_exit_code, why);
        if (options_.verbose && !std::exchange(told, true)) say("waiting; " + why);
        const auto next = std::min(give_up_at_, session_.runtime.now() + folder_poll);
        co_await session_.runtime.sleep_until(next);
    }
}

// The store's own limit counts too, and is the lower one as a rule.
task<void> lock_wait::connect() {
    if (give_up_at_ == steady_time::max() || !waits()) co_return co_await session_.connect();
    const auto limit = std::max(give_up_at_, session_.runtime.now() + first_answer);
    auto connected = session_.connect();
    const bool in_time = co_await before_deadline(session_.runtime, limit, std::move(connected));
    if (!in_time) refuse(errc::store_unavailable);
}

task<void> lock_wait::acquire() {
    run_lock lock(session_.runtime, *locks_, options_.name, options_.ttl, options_.shared);
    acquire_options how;
    how.give_up_at = give_up_at_;
    how.agent = options_.agent.empty() ? outermost : options_.agent;
    how.trace = options_.trace;
    auto got = co_await ask_once(lock, how);
    if (waits() && is_worth_waiting(got)) {
        if (options_.verbose) co_await tell_who_has_it(lock);
        got = co_await lock.acquire(how);
    }
    if (!got) refuse(got.error());
    const auto waited = std::chrono::floor<milliseconds>(session_.runtime.now() - began_);
    if (options_.verbose)
        say(options_.name.str() + " granted after " + format_duration(waited) + ", fence " +
            std::to_string(got->fence().value()));
    grant_ = std::move(*got);
}

// A node that takes no writes says so now, and not at the end of a wait that may have none. The
// first question has its time also when connecting took all that there was.
task<result<lease>> lock_wait::ask_once(run_lock& lock, const acquire_options& how) {
    if (!waits()) co_return co_await lock.try_acquire(how);
    const auto limit = std::max(give_up_at_, session_.runtime.now() + first_answer);
    std::optional<result<lease>> got;  // out here: a grant that comes with the limit is not lost
    const auto ask = [](auto& into, task<result<lease>> call) -> task<void> {
        into = co_await std::move(call);
    };
    auto asked = ask(got, lock.try_acquire(how));
    co_await before_deadline(session_.runtime, limit, std::move(asked));
    if (!got || (!*got && got->error() == errc::cancelled)) co_return errc::store_unavailable;
    co_return std::move(*got);
}

bool lock_wait::is_worth_waiting(const result<lease>& got) const {
    if (got || got.error() == errc::not_leader) return false;
    if (session_.runtime.now() >= give_up_at_) return false;
    return got.error() == errc::busy || got.error() == condition::retry ||
           got.error() == condition::unknown;
}

task<void> lock_wait::tell_who_has_it(run_lock& lock) {
    const auto shared = co_await lock.sharing();
    if (shared && !shared->holders.empty()) {
        say("waiting for " + options_.name.str() + "; " + holders_text(*shared) +
            (shared->holder_count == 1 ? " has it, " : ", ") +
            std::to_string(shared->queue_length) + " before us");
        co_return;
    }
    const auto seen = co_await locks_->inspect(options_.name);
    if (!seen || !seen->held) co_return;
    say("waiting for " + options_.name.str() + "; " +
        (seen->foreign ? "another client" : seen->who) + " has it" +
        (seen->held_for ? " since " + format_duration(*seen->held_for) : "") + ", " +
        std::to_string(seen->queue_length) + " before us");
}

void lock_wait::refuse(const error_code& ec) const {
    const auto& name = options_.name.str();
    if (ec == errc::busy || ec == errc::timed_out)
        throw command_failure(
            options_.conflict_exit_code,
            name + " is held by somebody else; the command did not run; see holdfast lock show");
    if (ec == errc::wrong_type)
        throw command_failure(
            exit_code::no,
            "the key " + name +
                " holds something else: another kind of lock, or no lock; choose another name");
    if (ec == errc::invalid_argument)
        throw command_failure(exit_code::usage,
                              "the lock name " + name +
                                  " is one of the keys that holdfast keeps for itself; choose "
                                  "another");
    fail(ec, "cannot take the lock " + name, "the command did not run");
}

}  // namespace holdfast::cli
