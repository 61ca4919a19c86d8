// A sleep that can be one of several things awaited together.
#pragma once

#include "holdfast/runtime.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>

namespace holdfast {

/// Begins when it is awaited; completes with an error code.
inline auto sleep_operation(runtime& rt, steady_time deadline) {
    auto start = [&rt, deadline](auto on_wake) {
        rt.async_sleep_until(deadline, sleep_handler(std::move(on_wake)));
    };
    using signature = void(boost::system::error_code);
    return boost::asio::async_initiate<const boost::asio::deferred_t&, signature>(
        std::move(start), boost::asio::deferred);
}

}  // namespace holdfast
