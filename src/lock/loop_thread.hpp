// The thread behind a blocking face, and the runtime on it.
#pragma once

#include "runtime/asio_runtime.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <thread>
#include <utility>

namespace holdfast {

/// A base for what the thread uses: it is gone before the context is.
class loop_thread {
public:
    boost::asio::io_context context{1};
    asio_runtime runtime{context};

    /// Starts the thread, which runs `open` first; returns when that has returned. Throws what it
    /// threw, and the thread has ended then.
    template <class Open>
    void start(Open open) {
        auto opened = boost::asio::post(context, boost::asio::use_future(std::move(open)));
        thread_ = std::jthread([this] { context.run(); });
        try {
            opened.get();
        } catch (...) {
            stop();
            throw;
        }
    }
    /// Before anything that the thread uses goes.
    void stop() {
        context.stop();
        thread_.join();
    }

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context.get_executor()};
    std::jthread thread_;
};

}  // namespace holdfast
