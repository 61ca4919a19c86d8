// A few threads for work that blocks (SQL, password hashing), so that no event loop ever does.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace holdfast {

/// Threads that take work in order; work beyond the bound is refused, never queued without end.
/// Thread rule: any thread. Destroy it before the executors that wait for its results: the
/// destructor waits for the work that has begun and drops the rest.
class blocking_pool {
public:
    struct limits {
        std::size_t threads = 2;   ///< 0: try_post() does the work itself, for virtual time
        std::size_t waiting = 64;  ///< accepted beyond those that run
    };

    explicit blocking_pool(limits most);
    ~blocking_pool();
    blocking_pool(const blocking_pool&) = delete;

    /// False, and the work is not kept, when the bound is reached.
    bool try_post(std::function<void()> work);

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

/// Runs `work` on the pool and gives its value back on the executor of `rt`; errc::overloaded when
/// the pool is full. T is default-constructible or a result<…>. The work may not throw.
/// Cancellation: none; it returns when the work has ended.
template <class T>
task<result<T>> run_blocking(runtime& rt, blocking_pool& pool, std::function<result<T>()> work) {
    auto outcome = std::make_shared<std::optional<result<T>>>();
    auto executor = rt.executor();
    auto start = [&pool, executor, outcome, &work](auto handler) {
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        auto job = [executor, outcome, resume, work = std::move(work)] {
            outcome->emplace(work());
            boost::asio::post(executor, [resume] { std::move (*resume)(); });
        };
        if (pool.try_post(std::move(job))) return;
        outcome->emplace(errc::overloaded);
        boost::asio::post(executor, [resume] { std::move (*resume)(); });
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        std::move(start), boost::asio::use_awaitable);
    co_return std::move(**outcome);
}

}  // namespace holdfast
