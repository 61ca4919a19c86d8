// The shared part of a scoped_lease: its state, and the coroutine that keeps it alive.
#pragma once

#include "holdfast/scoped_lease.hpp"
#include "lock/keep_alive.hpp"
#include "lock/lock_core.hpp"

#include <atomic>

namespace holdfast {

/// Owned by the scoped_lease and by its keeper. What other threads read is atomic or constant.
class held_lease : public std::enable_shared_from_this<held_lease> {
public:
    held_lease(std::shared_ptr<lock_core> core, lease what, keep_options options);

    /// Starts the keeper. Once.
    void start();
    /// The holder has gone without a release: do it in the background. Any state.
    void let_go();
    task<result<bool>> release();
    /// Ends the keep-alive; somebody else looks after the lease.
    lease forget();
    /// The lease as it is now.
    lease current() const;
    /// A push said that somebody broke the lock.
    void on_broken();

    const lease& what() const noexcept { return what_; }
    steady_time valid_until() const noexcept {
        return steady_time{nanoseconds{valid_until_.load(std::memory_order_acquire)}};
    }
    lost_reason reason() const noexcept { return reason_.load(std::memory_order_acquire); }
    std::stop_token lost() const noexcept { return stop_.get_token(); }

private:
    task<void> keep();
    task<any_keep_alive_event> sleep(steady_time until);
    task<any_keep_alive_event> extend(steady_time until);
    bool worth_releasing() const;
    /// The first reason counts.
    void end(lost_reason why);
    bool over() const noexcept { return reason() != lost_reason::none; }

    std::shared_ptr<lock_core> core_;
    const lease what_;  // as granted; valid_until_ moves on
    keep_options options_;
    keep_alive state_;
    wake_event wake_;
    bool broken_ = false;
    bool given_back_ = false;
    std::atomic<std::int64_t> valid_until_;
    std::atomic<lost_reason> reason_{lost_reason::none};
    std::stop_source stop_;
};

}  // namespace holdfast
