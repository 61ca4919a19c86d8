// Lets coroutines of one executor wait for something another coroutine does.
#pragma once

#include "holdfast/runtime.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace holdfast {

/// A condition to wait for. Like a condition variable it carries no state: check the condition,
/// wait, check again. Used from one executor only; holds no time, so it is the same in virtual
/// time.
class wake_event {
public:
    explicit wake_event(boost::asio::any_io_executor executor)
        : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

    /// Returns after the next notify_all(). Cancellation (any type): throws operation_aborted.
    task<void> wait() {
        const auto before = notified_;
        boost::system::error_code woken;
        co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
        if (before == notified_) throw boost::system::system_error(woken);
    }

    void notify_all() {
        ++notified_;
        timer_.cancel();
    }

private:
    boost::asio::steady_timer timer_;
    std::uint64_t notified_ = 0;
};

}  // namespace holdfast
