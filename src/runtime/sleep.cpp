// Sleep for coroutines, over the seam's sleep for handlers.
#include "holdfast/runtime.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace holdfast {

namespace asio = boost::asio;

task<void> runtime::sleep_until(steady_time deadline) {
    if (deadline <= now()) co_return;
    auto start = [this, deadline](auto on_wake) {
        async_sleep_until(deadline, sleep_handler(std::move(on_wake)));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code)>(
        start, asio::use_awaitable);
}

}  // namespace holdfast
