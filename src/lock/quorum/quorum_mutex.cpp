// The blocking face of the quorum lock: its thread, and calls carried there and back.
#include "holdfast/quorum_mutex.hpp"

#include "lock/blocking_calls.hpp"
#include "lock/held_by_thread.hpp"
#include "lock/loop_thread.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>

#include <optional>
#include <utility>

namespace holdfast {

namespace asio = boost::asio;

struct quorum_client::parts : loop_thread {
    std::vector<std::unique_ptr<store>> stores;
    std::optional<quorum_locker> locks;

    void open(const std::vector<quorum_server>& servers, journal& events, quorum_options options) {
        std::vector<quorum_node> nodes;
        for (const auto& server : servers) {
            stores.push_back(server.open(runtime));
            nodes.push_back({server.name, stores.back().get()});
        }
        locks.emplace(runtime, std::move(nodes), events, std::move(options));
    }
};

using hold = std::shared_ptr<quorum_hold>;

class quorum_mutex::thread_holds : public held_by_thread<hold> {};

namespace {

// On the client's thread, where its clock may be read.
task<result<hold>> take_and_keep(quorum_locker& locks, runtime& rt, lock_name name, lease_ttl ttl,
                                 nanoseconds patience, std::string* why) {
    auto asking = patience <= nanoseconds{0}
                      ? locks.try_acquire(std::move(name), ttl, why)
                      : locks.acquire(std::move(name), ttl, after(rt.now(), patience), why);
    auto got = co_await std::move(asking);
    if (!got) co_return got.error();
    co_return std::make_shared<quorum_hold>(locks.keep(std::move(*got)));
}

/// Destroys the hold on the thread that runs this, after it was given back or instead of that.
task<void> give_back(hold held) { (void)co_await held->release(); }
task<void> drop(hold) { co_return; }

}  // namespace

quorum_client::quorum_client(std::vector<quorum_server> servers, quorum_options options,
                             journal& events)
    : parts_(std::make_unique<parts>()) {
    auto& p = *parts_;
    p.start([&] { p.open(servers, events, std::move(options)); });
}

quorum_client::~quorum_client() { parts_->stop(); }

void quorum_client::close() {
    asio::co_spawn(parts_->context, parts_->locks->close(), asio::use_future).get();
}

quorum_mutex::quorum_mutex(quorum_client& owner, lock_name name, lease_ttl ttl)
    : client_(owner), name_(std::move(name)), ttl_(ttl), holds_(std::make_unique<thread_holds>()) {}

quorum_mutex::~quorum_mutex() {
    holds_->drain([&](hold held) {
        asio::co_spawn(client_.parts_->context, drop(std::move(held)), [](std::exception_ptr) {});
    });
}

bool quorum_mutex::take(nanoseconds patience) {
    auto& p = *client_.parts_;
    std::string why;
    auto work = take_and_keep(*p.locks, p.runtime, name_, ttl_, patience, &why);
    auto got = asio::co_spawn(p.context, std::move(work), asio::use_future).get();
    if (!got) {
        const auto code = errc_of(got.error());
        if (code == errc::busy || code == errc::timed_out) return false;
        throw boost::system::system_error(got.error(),
                                          "lock " + name_.str() + (why.empty() ? "" : "; " + why));
    }
    holds_->keep(std::move(*got));
    return true;
}

void quorum_mutex::unlock() {
    auto last = holds_->take();
    if (!last) return;
    auto work = give_back(std::move(last));
    asio::co_spawn(client_.parts_->context, std::move(work), asio::use_future).get();
}

fencing_token quorum_mutex::fence() const {
    return holds_->read([](const hold& held) { return held ? held->fence() : fencing_token(); });
}

std::stop_token quorum_mutex::lost() const {
    return holds_->read([](const hold& held) { return held ? held->lost() : std::stop_token(); });
}

lost_reason quorum_mutex::reason() const {
    return holds_->read(
        [](const hold& held) { return held ? held->reason() : lost_reason::released; });
}

}  // namespace holdfast
