// Takes the key as what it is, and looks again when it has become something else.
#include "cli/run_lock.hpp"

#include <algorithm>

namespace holdfast::cli {
namespace {

constexpr milliseconds longest_pause{1000};

}  // namespace

task<result<lease>> run_lock::take_share(bool waits, acquire_options options) {
    const auto mode = shared_ ? rw_mode::read : rw_mode::write;
    return waits ? rw_.acquire(mode, std::move(options))
                 : rw_.try_acquire(mode, std::move(options));
}

// A shared run that meets a mutex stands in its queue, and shares the lock when its turn has come.
task<result<lease>> run_lock::take_mutex(bool waits, acquire_options options) {
    auto call = waits ? locks_.acquire(name_, ttl_, std::move(options))
                      : locks_.try_acquire(name_, ttl_, std::move(options));
    auto got = co_await std::move(call);
    if (!got || !shared_) co_return got;
    co_return co_await rw_.share(std::move(*got));
}

// Each round but the first means that the key changed between two looks at it; the pause grows, so
// that a key that changes all the time costs little.
task<result<lease>> run_lock::take(bool waits, acquire_options options) {
    bool by_share = shared_;
    for (int round = 0;; ++round) {
        auto call = by_share ? take_share(waits, options) : take_mutex(waits, options);
        auto got = co_await std::move(call);
        if (got) co_return got;
        if (got.error() != errc::wrong_type && got.error() != errc::lease_lost) co_return got;
        const auto seen = co_await rw_.inspect();
        if (seen)
            by_share = shared_ || !seen->holders.empty();
        else if (seen.error() == errc::busy)
            by_share = false;
        else if (seen.error() != condition::retry && seen.error() != condition::unknown)
            co_return seen.error();
        const auto now = rt_.now();
        if (now >= options.give_up_at) co_return errc::timed_out;
        const auto pause = std::min(milliseconds{10} * round, longest_pause);
        if (round > 0) co_await rt_.sleep_until(std::min(options.give_up_at, now + pause));
    }
}

}  // namespace holdfast::cli
