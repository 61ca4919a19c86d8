// The shared part of a scoped_lease: its state, and what is done with it in time.
#pragma once

#include "holdfast/scoped_lease.hpp"
#include "lock/calls.hpp"
#include "lock/keep_alive.hpp"
#include "lock/lock_core.hpp"

#include <atomic>

namespace holdfast {

/// Owned by the scoped_lease and, while it is being extended, by that call. What other threads read
/// is atomic or constant.
class held_lease : public std::enable_shared_from_this<held_lease> {
public:
    held_lease(std::shared_ptr<lock_core> core, lease what, keep_options options);

    /// Joins the rota of its process. Once.
    void start();
    /// The holder has gone without a release: do it in the background. Any state.
    void let_go();
    task<result<bool>> release();
    /// Ends the keep-alive; somebody else looks after the lease.
    lease forget();
    /// The lease as it is now.
    lease current() const;
    /// Pushes: somebody broke the lock, accepted the lease elsewhere, asks for it.
    void on_broken();
    void on_transferred();
    void on_revoke_requested(std::string_view who);

    /// The store's clock has stepped: extend now rather than at a third.
    void revalidate();

    /// By the rota: the time it was given has come.
    void wake(steady_time at);
    /// By the rota: sends one extension, after which rota.answered() follows; false: not wanted.
    bool extend_now();

    boost::asio::any_io_executor executor() const { return core_->rt.executor(); }
    const lease& what() const noexcept { return what_; }
    steady_time valid_until() const noexcept {
        return steady_time{nanoseconds{valid_until_.load(std::memory_order_acquire)}};
    }
    lost_reason reason() const noexcept { return reason_.load(std::memory_order_acquire); }
    std::stop_token lost() const noexcept { return stop_.get_token(); }
    std::stop_token revoke_requested() const noexcept { return revoke_.get_token(); }

private:
    static task<void> extension(std::shared_ptr<held_lease> self);
    void step(const any_keep_alive_event& event);
    any_keep_alive_event read(const result<extend_answer>& answer, steady_time asked_at);
    bool worth_releasing() const;
    /// The first reason counts.
    void end(lost_reason why);
    bool over() const noexcept { return reason() != lost_reason::none; }

    std::shared_ptr<lock_core> core_;
    const lease what_;  // as granted; valid_until_ moves on
    keep_options options_;
    keep_alive state_;
    steady_time wakes_at_{};  // the one entry in the rota that still counts
    bool extending_ = false;  // wanted, or on its way
    bool given_back_ = false;
    result<bool> answer_ = errc::outcome_unknown;  // of the release
    std::atomic<std::int64_t> valid_until_;
    std::atomic<lost_reason> reason_{lost_reason::none};
    std::stop_source stop_;
    std::stop_source revoke_;
};

}  // namespace holdfast
