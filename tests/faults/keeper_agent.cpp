// One process that holds very many locks, keeps them alive and says how that went.
//
// fault_keeper STORE SOCKET WHO PREFIX COUNT TTL_MS
// Says "holding" when it has them all, and "lost REASON" of each that is lost. SIGTERM: says
// "least N", how often the lock that was extended least often has been, and ends; its leases run
// out.
#include "client/open_store.hpp"
#include "holdfast/locker.hpp"
#include "runtime/asio_runtime.hpp"
#include "support/referee.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <unordered_map>
#include <vector>

namespace holdfast::test {
namespace {

class keeper final : public journal {
public:
    explicit keeper(char** argv)
        : line_(argv[2], argv[3]),
          prefix_(argv[4]),
          count_(std::stoi(argv[5])),
          ttl_(milliseconds{std::stol(argv[6])}) {
        std::string why;
        const logger log(log_level::off, log_format::text);
        source_ = store_source::open({.url = argv[1]}, log, why).value();
    }

    int run() {
        boost::asio::co_spawn(context_, work(), [this](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
            context_.stop();
        });
        context_.run();
        return 0;
    }

    void record(const event& what) override {
        if (what.kind == event_kind::lease_acquired) extended_[std::string(what.subject)] = 0;
        if (what.kind == event_kind::lease_extended) ++extended_[std::string(what.subject)];
        if (what.kind == event_kind::lease_lost) line_.remark("lost " + std::string(what.detail));
    }

private:
    task<void> work() {
        const auto state = source_->attach(runtime_, null_journal());
        locker locks(runtime_, *state, *this);
        std::vector<scoped_lease> held;
        for (int i = 0; i < count_; ++i) {
            const lock_name name(prefix_ + std::to_string(i));
            auto got = co_await locks.acquire(name, ttl_);
            held.push_back(locks.keep(std::move(got.value())));
        }
        boost::asio::signal_set signals(context_, SIGTERM);
        line_.remark("holding");
        co_await signals.async_wait(boost::asio::use_awaitable);
        const auto least =
            std::ranges::min_element(extended_, {}, [](const auto& lock) { return lock.second; });
        line_.remark("least " + std::to_string(least->second));
        for (auto& each : held) (void)each.detach();
    }

    referee_line line_;
    std::string prefix_;
    int count_;
    lease_ttl ttl_;
    boost::asio::io_context context_{1};
    asio_runtime runtime_{context_};
    std::unique_ptr<store_source> source_;
    std::unordered_map<std::string, int> extended_;
};

}  // namespace
}  // namespace holdfast::test

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    if (argc != 7) return 2;
    return holdfast::test::keeper(argv).run();
}
