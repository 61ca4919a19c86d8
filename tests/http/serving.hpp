// A server with a given handler on a thread of its own, for tests with blocking clients.
#pragma once

#include "http/server.hpp"
#include "runtime/asio_runtime.hpp"
#include "support/raw_http.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace holdfast::test {

/// Listens on a free port; ends with the object, cutting what is left.
class serving {
public:
    explicit serving(http::handler answer, http::server_options options = {}) {
        auto made = http::server::listen(runtime, std::move(options), std::move(answer), counts,
                                         logger(log_level::off, log_format::text));
        server_.emplace(std::move(made.value()));
        port_ = server_->port();
        server_->start();
        thread_ = std::thread([this] { context.run(); });
    }

    ~serving() {
        if (server_) drain(milliseconds{0});
        context.stop();
        thread_.join();
    }

    unsigned short port() const noexcept { return port_; }

    /// Drains from the server's thread; how many connections were cut.
    std::size_t drain(milliseconds limit) { return begin_drain(limit).get(); }
    std::future<std::size_t> begin_drain(milliseconds limit) {
        std::promise<std::size_t> promise;
        auto cut = promise.get_future();
        boost::asio::co_spawn(context, server_->drain(runtime.now() + limit),
                              [p = std::move(promise)](std::exception_ptr, std::size_t n) mutable {
                                  p.set_value(n);
                              });
        return cut;
    }

    boost::asio::io_context context{1};
    asio_runtime runtime{context};
    metrics counts;

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context.get_executor()};
    std::optional<http::server> server_;
    unsigned short port_ = 0;
    std::thread thread_;
};

/// Answers 200 with what arrived: method, target and body, one a line.
inline task<http::response> echo(const http::request& asked) {
    std::string text(asked.method);
    text.append(" ").append(asked.target).append("\n").append(asked.body);
    http::response made(200);
    made.content("text/plain", std::move(text));
    co_return made;
}

}  // namespace holdfast::test
