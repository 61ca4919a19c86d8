// Turns a coroutine of the library into an operation for any Asio completion token.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace holdfast {

template <class T>
using answer_handler = boost::asio::any_completion_handler<void(error_code, T)>;

namespace detail {

// A spawned coroutine takes notice of terminal cancellation only, and so do the ones that an
// operator like || spawns inside it. Nothing here has a half-way state, so any type means terminal.
inline boost::asio::cancellation_type as_terminal(boost::asio::cancellation_type type) {
    using boost::asio::cancellation_type;
    return type == cancellation_type::none ? type : cancellation_type::terminal;
}

template <class T>
task<result<T>> cancellable(task<result<T>> work) {
    co_await boost::asio::this_coro::reset_cancellation_state(&as_terminal);
    try {
        co_return co_await std::move(work);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
        co_return errc::cancelled;
    }
}

template <class T>
void deliver_answer(boost::asio::any_io_executor executor, task<result<T>> work,
                    answer_handler<T> handler) {
    namespace asio = boost::asio;
    const auto slot = asio::get_associated_cancellation_slot(handler);
    auto done = [handler = std::move(handler), executor](std::exception_ptr failed,
                                                         result<T> got) mutable {
        if (failed) std::rethrow_exception(failed);
        const auto target = asio::get_associated_executor(handler, executor);
        auto code = got ? error_code() : got.error();
        auto value = got ? std::move(*got) : T();
        asio::dispatch(target, asio::append(std::move(handler), code, std::move(value)));
    };
    asio::co_spawn(executor, cancellable(std::move(work)),
                   asio::bind_cancellation_slot(slot, std::move(done)));
}

}  // namespace detail

/// Runs `work` on the executor and completes with void(error_code, T); on failure the T is T(). The
/// handler runs on its associated executor, else on `executor`. Cancellation (any type) reaches the
/// work; what it then leaves behind is the work's own promise.
template <class T, class CompletionToken>
auto async_answer(boost::asio::any_io_executor executor, task<result<T>> work,
                  CompletionToken&& token) {
    auto start = [](auto handler, boost::asio::any_io_executor where, task<result<T>> what) {
        detail::deliver_answer<T>(std::move(where), std::move(what),
                                  answer_handler<T>(std::move(handler)));
    };
    return boost::asio::async_initiate<CompletionToken, void(error_code, T)>(
        std::move(start), token, std::move(executor), std::move(work));
}

}  // namespace holdfast
