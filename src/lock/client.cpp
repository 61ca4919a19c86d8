// The thread behind the blocking face.
#include "holdfast/client.hpp"

#include "lock/loop_thread.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <optional>

namespace holdfast {

namespace asio = boost::asio;

struct client::parts : loop_thread {
    std::unique_ptr<store> state;
    std::optional<locker> locks;
};

client::client(store_factory open, journal& events, locker_options options)
    : parts_(std::make_unique<parts>()) {
    auto& p = *parts_;
    p.start([&] {
        p.state = open(p.runtime);
        p.locks.emplace(p.runtime, *p.state, events, std::move(options));
    });
}

client::~client() { parts_->stop(); }

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
