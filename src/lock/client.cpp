// The thread behind the blocking face.
#include "holdfast/client.hpp"

#include "runtime/asio_runtime.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <thread>

namespace holdfast {

namespace asio = boost::asio;

struct client::parts {
    asio::io_context context{1};
    asio_runtime runtime{context};
    std::unique_ptr<store> state;
    std::optional<locker> locks;
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::jthread thread;
};

client::client(store_factory open, journal& events, locker_options options)
    : parts_(std::make_unique<parts>()) {
    auto& p = *parts_;
    std::promise<void> opened;
    auto ready = opened.get_future();
    asio::post(p.context,
               [&p, &events, &options, open = std::move(open), done = std::move(opened)]() mutable {
                   try {
                       p.state = open(p.runtime);
                       p.locks.emplace(p.runtime, *p.state, events, std::move(options));
                       done.set_value();
                   } catch (...) {
                       done.set_exception(std::current_exception());
                   }
               });
    p.thread = std::jthread([&p] { p.context.run(); });
    try {
        ready.get();
    } catch (...) {
        p.context.stop();
        p.thread.join();
        throw;
    }
}

// The thread is joined before anything it uses goes.
client::~client() {
    parts_->context.stop();
    parts_->thread.join();
}

void client::spawn(job start) {
    asio::co_spawn(
        parts_->context,
        [](parts& p, job run) -> task<void> { co_await run(*p.locks); }(*parts_, std::move(start)),
        asio::detached);
}

void client::close() {
    auto end = [](locker& locks) { return locks.close(); };
    run(end);
}

}  // namespace holdfast
