// One process of the fleet in the fault tests: takes a lock again and again, and says so.
//
// fault_agent STORE SOCKET WHO LOCK[,LOCK…] TTL_MS HOLD_MS TURNS
//   Several locks are taken each for itself, at the same time.
//   HOLD_MS 0: until the lease is lost or the process is told to stop.  TURNS 0: for ever.
// SIGTERM: gives back what it holds and ends. Says "lost REASON" and "stale" (a write after the
// loss that the resource refused) to the referee.
#include "client/open_store.hpp"
#include "holdfast/lock_metrics.hpp"
#include "holdfast/locker.hpp"
#include "runtime/asio_runtime.hpp"
#include "runtime/wake_event.hpp"
#include "support/referee.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace holdfast::test {
namespace {

struct orders {
    std::string store;
    std::string socket;
    std::string who;
    std::vector<lock_name> locks;
    lease_ttl ttl;
    milliseconds hold;
    int turns;
};

/// Passes what the fault tests wait for on to the referee, once the metrics have it.
class told_events final : public journal {
public:
    told_events(referee_line& line, const runtime& clock) : line_(line), counts_(clock) {}
    void record(const event& what) override {
        counts_.record(what);
        if (what.kind != event_kind::clock_step) return;
        const bool counted =
            counts_.exposition().find("holdfast_lock_clock_steps_total 0\n") == std::string::npos;
        if (counted) line_.remark("clock " + std::string(what.detail));
    }

private:
    referee_line& line_;
    lock_metrics counts_;
};

class agent {
public:
    explicit agent(orders told)
        : told_(std::move(told)), line_(told_.socket, told_.who), signals_(context_, SIGTERM) {
        signals_.async_wait([this](error_code ec, int) { stopping_ = !ec; });
    }

    int run() {
        std::string why;
        const logger log(log_level::off, log_format::text);
        source_ = store_source::open({.url = told_.store}, log, why).value();
        int code = 1;
        boost::asio::co_spawn(context_, work(), [&](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
            code = 0;
            context_.stop();
        });
        context_.run();
        return code;
    }

private:
    task<void> work() {
        const auto state = source_->attach(runtime_, null_journal());
        told_events events(line_, runtime_);
        locker locks(runtime_, *state, events, {.who = told_.who});
        busy_with_ = told_.locks.size();
        for (const auto& name : told_.locks)
            boost::asio::co_spawn(context_, take_turns(locks, name), [&](std::exception_ptr e) {
                if (e) std::rethrow_exception(e);
                --busy_with_;
                ended_.notify_all();
            });
        while (busy_with_ > 0) co_await ended_.wait();
        co_await locks.close();
    }

    task<void> take_turns(locker& locks, lock_name name) {
        for (int turn = 0; !stopping_ && (told_.turns == 0 || turn < told_.turns); ++turn)
            co_await take_turn(locks, name);
    }

    task<void> take_turn(locker& locks, lock_name name) {
        auto got = co_await locks.acquire(name, told_.ttl);
        if (!got) {
            line_.remark(std::string("refused ") + name_of(errc_of(got.error())));
            co_return;
        }
        auto held = locks.keep(std::move(*got));
        co_await stay_inside(name.str(), held);
        const auto why = held.reason();
        if (why != lost_reason::none) report_loss(name.str(), held, why);
        (void)co_await held.release();
    }

    task<void> stay_inside(std::string lock, const scoped_lease& held) {
        const auto fence = held.fence().value();
        const auto until = told_.hold.count() == 0 ? steady_time::max() : locks_now() + told_.hold;
        bool entered = false;
        while (!stopping_ && locks_now() < until) {
            const auto at = std::chrono::steady_clock::now();
            if (!held.valid(locks_now())) break;
            if (entered) line_.inside(lock, fence, at);
            if (!std::exchange(entered, true)) line_.enter(lock, fence, at);
            line_.write(lock, fence);
            co_await runtime_.sleep_until(locks_now() + milliseconds{2});
        }
        // The clock is ahead of the timer that tells of the loss.
        while (!stopping_ && !held.valid(locks_now()) && held.reason() == lost_reason::none)
            co_await runtime_.sleep_until(locks_now() + milliseconds{1});
    }

    void report_loss(const std::string& lock, const scoped_lease& held, lost_reason why) {
        line_.remark("lost " + std::string(name_of(why)));
        if (!line_.write(lock, held.fence().value())) line_.remark("stale");
    }

    steady_time locks_now() const { return runtime_.now(); }

    orders told_;
    referee_line line_;
    boost::asio::io_context context_{1};
    asio_runtime runtime_{context_};
    std::unique_ptr<store_source> source_;
    boost::asio::signal_set signals_;
    bool stopping_ = false;
    std::size_t busy_with_ = 0;
    wake_event ended_{context_.get_executor()};
};

std::vector<lock_name> names_in(const std::string& list) {
    std::vector<lock_name> names;
    std::istringstream in(list);
    for (std::string name; std::getline(in, name, ',');) names.emplace_back(name);
    return names;
}

int run_agent(char** argv) {
    agent one({argv[1], argv[2], argv[3], names_in(argv[4]),
               lease_ttl(milliseconds{std::stol(argv[5])}), milliseconds{std::stol(argv[6])},
               std::stoi(argv[7])});
    return one.run();
}

}  // namespace
}  // namespace holdfast::test

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    if (argc != 8) return 2;
    return holdfast::test::run_agent(argv);
}
