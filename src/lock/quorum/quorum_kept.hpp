// The shared part of a quorum_hold: its state, and the coroutine that extends it.
#pragma once

#include "holdfast/scoped_lease.hpp"
#include "lock/keep_alive.hpp"
#include "lock/quorum/quorum_state.hpp"

#include <atomic>

namespace holdfast {

/// Owned by the hold and by its coroutine. What other threads read is atomic or constant.
class quorum_kept : public std::enable_shared_from_this<quorum_kept> {
public:
    quorum_kept(std::shared_ptr<quorum_state> state, lease what, keep_options options);

    /// Once.
    void start();
    /// The holder has gone without a release: do it in the background. Any state.
    void let_go();
    task<result<bool>> release();

    boost::asio::any_io_executor executor() const { return state_->rt.executor(); }
    const lease& what() const noexcept { return what_; }
    steady_time valid_until() const noexcept {
        return steady_time{nanoseconds{valid_until_.load(std::memory_order_acquire)}};
    }
    lost_reason reason() const noexcept { return reason_.load(std::memory_order_acquire); }
    std::stop_token lost() const noexcept { return stop_.get_token(); }

private:
    static task<void> keep(std::shared_ptr<quorum_kept> self);
    task<any_keep_alive_event> extend();
    void confirmed();
    /// The first reason counts.
    void end(lost_reason why);
    bool over() const noexcept { return reason() != lost_reason::none; }
    lease current() const;

    std::shared_ptr<quorum_state> state_;
    const lease what_;  // as granted; valid_until_ moves on
    keep_options options_;
    keep_alive plan_;
    wake_event ended_;
    bool given_back_ = false;
    std::atomic<std::int64_t> valid_until_;
    std::atomic<lost_reason> reason_{lost_reason::none};
    std::stop_source stop_;
};

}  // namespace holdfast
