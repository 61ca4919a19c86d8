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
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace holdfast {

template <class T>
using answer_handler = boost::asio::any_completion_handler<void(error_code, T)>;

namespace detail {

/// Who asked for an operation's cancellation. Nothing here has a half-way state, so any type means
/// terminal, which is the only one that a spawned coroutine takes notice of, and the ones that an
/// operator like || spawns inside it. A request that comes before the coroutine runs would be lost
/// on the way to it.
struct cancel_request {
    void ask(boost::asio::cancellation_type type) {
        if (type == boost::asio::cancellation_type::none) return;
        wanted = true;
        if (started) signal.emit(boost::asio::cancellation_type::terminal);
    }
    boost::asio::cancellation_signal signal;
    bool wanted = false;
    bool started = false;
};

template <class T>
task<result<T>> cancellable(boost::asio::any_io_executor executor, task<result<T>> work,
                            std::shared_ptr<cancel_request> request) {
    request->started = true;
    if (request->wanted)  // when it has begun, so that what it promises of cancellation holds
        boost::asio::post(executor, [request] {
            request->signal.emit(boost::asio::cancellation_type::terminal);
        });
    try {
        co_return co_await std::move(work);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    co_return errc::cancelled;
}

template <class T>
void deliver_answer(boost::asio::any_io_executor executor, task<result<T>> work,
                    answer_handler<T> handler) {
    namespace asio = boost::asio;
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto request = std::make_shared<cancel_request>();
    if (slot.is_connected())
        slot.assign([request](asio::cancellation_type type) { request->ask(type); });
    auto done = [handler = std::move(handler), slot, request, executor](std::exception_ptr failed,
                                                                        result<T> got) mutable {
        if (slot.is_connected()) slot.clear();
        if (failed) std::rethrow_exception(failed);
        const auto target = asio::get_associated_executor(handler, executor);
        auto code = got ? error_code() : got.error();
        auto value = got ? std::move(*got) : T();
        asio::dispatch(target, asio::append(std::move(handler), code, std::move(value)));
    };
    asio::co_spawn(executor, cancellable(executor, std::move(work), request),
                   asio::bind_cancellation_slot(request->signal.slot(), std::move(done)));
}

}  // namespace detail

/// Runs `work` on the executor and completes with void(error_code, T); on failure the T is T(). The
/// handler runs on its associated executor, else on `executor`, and never from within this call.
/// Cancellation (any type, from the executor's thread) reaches the work, also before it has begun;
/// what it then leaves behind is the work's own promise. Whatever the work refers to outlives it.
/// What it throws, other than for a cancellation, leaves the executor's run().
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
