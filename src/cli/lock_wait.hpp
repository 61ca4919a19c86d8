// From nothing to a granted lock, stoppable at every moment: the first half of `holdfast run`.
#pragma once

#include "cli/locked_run.hpp"
#include "cli/run_lock.hpp"
#include "holdfast/locker.hpp"
#include "runtime/wake_event.hpp"

#include <exception>
#include <optional>

namespace holdfast::cli {

/// Opens the store, connects and waits for the lock. Used on the session's runtime.
class lock_wait {
public:
    /// Both must outlive it.
    lock_wait(store_session& session, const locked_run_options& options);

    /// Returns when the lock was granted, when that has failed, or after stop().
    task<void> until_granted_or_stopped();
    void stop();

    /// A grant may be there although stop() came: it wants to be given back.
    std::optional<lease> take_grant() { return std::exchange(grant_, std::nullopt); }
    void rethrow_failure() const {
        if (failed_) std::rethrow_exception(failed_);
    }
    /// Whom the command works for, by the name of the outermost run: "host/pid/build#run".
    std::string agent() const;
    bool connected() const noexcept { return locks_.has_value(); }
    /// Precondition: connected().
    locker& locks() { return *locks_; }

private:
    task<void> get();
    task<void> open();
    task<void> connect();
    task<void> acquire();
    bool waits() const { return options_.wait != milliseconds{0}; }
    task<result<lease>> ask_once(run_lock& lock, const acquire_options& how);
    bool is_worth_waiting(const result<lease>& got) const;
    task<void> tell_who_has_it(run_lock& lock);
    [[noreturn]] void refuse(const error_code& ec) const;

    store_session& session_;
    const locked_run_options& options_;
    steady_time began_;
    steady_time give_up_at_;
    wake_event stopped_;
    std::optional<locker> locks_;
    std::optional<lease> grant_;
    std::exception_ptr failed_;
};

}  // namespace holdfast::cli
