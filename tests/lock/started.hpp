// An operation that goes on while the test does other things.
#pragma once

#include "holdfast/completion.hpp"
#include "lock/lock_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include <memory>
#include <optional>

namespace holdfast::test {

/// Keeps what it came to; may be cancelled.
template <class T>
struct started {
    std::optional<result<T>> got;
    boost::asio::cancellation_signal cancel;
    bool done() const { return got.has_value(); }
    errc error() const { return got && !*got ? errc_of(got->error()) : errc{}; }
    T& value() { return got->value(); }
};

/// Starts the work through a completion token.
template <class T>
std::unique_ptr<started<T>> start(boost::asio::any_io_executor on, task<result<T>> work) {
    auto made = std::make_unique<started<T>>();
    auto done = [p = made.get()](error_code ec, T value) {
        if (ec)
            p->got.emplace(ec);
        else
            p->got.emplace(std::move(value));
    };
    async_answer<T>(std::move(on), std::move(work),
                    boost::asio::bind_cancellation_slot(made->cancel.slot(), done));
    return made;
}
template <class T>
std::unique_ptr<started<T>> start(lock_fleet& fleet, task<result<T>> work) {
    return start<T>(fleet.world.runtime.executor(), std::move(work));
}

}  // namespace holdfast::test
