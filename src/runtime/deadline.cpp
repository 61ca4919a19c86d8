// The race: the operation as a coroutine of its own, the sleep as a bare handler.
#include "runtime/deadline.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace holdfast {

namespace asio = boost::asio;

task<bool> before_deadline(runtime& rt, steady_time deadline, task<void> operation) {
    auto sleep = [&rt, deadline](auto on_wake) {
        rt.async_sleep_until(deadline, sleep_handler(std::move(on_wake)));
    };
    auto race = asio::experimental::make_parallel_group(
        asio::co_spawn(rt.executor(), std::move(operation), asio::deferred),
        asio::async_initiate<const asio::deferred_t&, void(boost::system::error_code)>(
            std::move(sleep), asio::deferred));
    auto ended = race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const auto [order, failed, woken] = co_await std::move(ended);
    const bool in_time = order[0] == 0;
    if (failed && (in_time || woken)) std::rethrow_exception(failed);
    co_return in_time || woken;  // the sleep cancelled, the operation not: it ended all the same
}

}  // namespace holdfast
