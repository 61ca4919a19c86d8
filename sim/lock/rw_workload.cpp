// Readers, writers, and readers who mean to write: they step up and down, and some never give back.
#include "holdfast/rw_lock.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/share_checker.hpp"

#include <array>
#include <string>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 2;
constexpr std::array<milliseconds, 3> ttls{seconds{5}, seconds{20}, seconds{60}};

/// One share while it is held: kept alive, or extended by hand.
struct share_turn {
    lease got;
    std::shared_ptr<sharer> belief;
    scoped_lease kept = {};
    rw_mode mode = rw_mode::read;

    lease current() const { return kept.holds_something() ? kept.current() : got; }
};

class rw_workload final : public checked_crowd<share_checker> {
public:
    rw_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(of, to, draws, "rw",
                        {.workers = 2,
                         .rest = seconds{40},
                         .short_rest = seconds{5},
                         .idle = "held no share",
                         .unknown = {{"lock/shared_acquire", "rw: acquire without a reply"},
                                     {"lock/shared_release", "rw: release without a reply"},
                                     {"lock/rw_upgrade", "rw: upgrade without a reply"},
                                     {"lock/rw_convert", "rw: downgrade without a reply"},
                                     {"lock/rw_share", "rw: shared without a reply"}}}) {}

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<result<lease>> take(async_rw_lock& lock, rw_mode mode, steady_time until);
    task<result<lease>> share_a_mutex(locker& locks, async_rw_lock& lock, lock_name name,
                                      lease_ttl ttl);
    task<void> hold(process& self, locker& locks, async_rw_lock& lock, share_turn turn);
    task<void> step_up(process& self, locker& locks, async_rw_lock& lock, share_turn& turn);
    task<void> step_down(async_rw_lock& lock, share_turn& turn);
    task<void> stay(process& self, locker& locks, share_turn& turn);
    task<void> finish_turn(locker& locks, share_turn& turn);
    void keep(locker& locks, share_turn& turn);
    rw_mode any_mode() {
        const auto roll = draws_.below(100);
        return roll < 55 ? rw_mode::read : roll < 80 ? rw_mode::write : rw_mode::intent;
    }
};

task<void> rw_workload::turn(process& self, locker& locks, const std::string& who) {
    const lock_name name("rw-" + std::to_string(draws_.below(names)));
    const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
    async_rw_lock lock(locks, name, ttl);
    const auto mode = any_mode();
    const bool by_mutex = mode == rw_mode::read && !is_healed() && draws_.chance(200'000);
    auto asked =
        by_mutex ? share_a_mutex(locks, lock, name, ttl) : take(lock, mode, patience(self));
    auto got = co_await std::move(asked);
    if (!got) co_return;
    const auto as = static_cast<char>(mode);
    share_turn mine{*got, checker_.on_belief(host_of(self), *got, as, 1)};
    mine.mode = mode;
    co_await hold(self, locks, lock, std::move(mine));
    got_on(who);
}

task<result<lease>> rw_workload::take(async_rw_lock& lock, rw_mode mode, steady_time until) {
    auto asked = waits() ? lock.acquire(mode, until) : lock.try_acquire(mode);
    co_return co_await std::move(asked);
}

// The name is a plain mutex first, which keeps everybody else out for a while.
task<result<lease>> rw_workload::share_a_mutex(locker& locks, async_rw_lock& lock, lock_name name,
                                               lease_ttl ttl) {
    auto asked = locks.try_acquire(std::move(name), ttl);
    auto got = co_await std::move(asked);
    if (!got) co_return got.error();
    auto sharing = lock.share(*got);
    auto shared = co_await std::move(sharing);
    judge.mark(shared ? "rw: a mutex was shared" : "rw: a mutex was not shared");
    co_return shared;
}

void rw_workload::keep(locker& locks, share_turn& turn) {
    turn.kept = locks.keep(turn.got, telling(turn.belief));
}

task<void> rw_workload::hold(process& self, locker& locks, async_rw_lock& lock, share_turn turn) {
    if (draws_.chance(600'000)) keep(locks, turn);
    co_await stay(self, locks, turn);
    if (turn.mode == rw_mode::intent && draws_.chance(700'000))
        co_await step_up(self, locks, lock, turn);
    if (turn.mode != rw_mode::read && draws_.chance(400'000)) {
        co_await step_down(lock, turn);
        co_await stay(self, locks, turn);
    }
    co_await finish_turn(locks, turn);
}

// A write takes a while to arrive: the holder checks before, what is written compares fences after.
task<void> rw_workload::stay(process& self, locker& locks, share_turn& turn) {
    for (auto steps = draws_.below(4); steps > 0; --steps) {
        co_await pass(self, seconds{2});
        const auto now = turn.current();
        if (!now.valid(self.rt.now()) || turn.belief->over) co_return;
        if (turn.mode == rw_mode::write) {
            const auto fence = now.fence().value();
            co_await pass(self, milliseconds{5});
            checker_.write(now.name().str(), fence, now.owner().str());
        }
        if (turn.kept.holds_something() || draws_.chance(500'000)) continue;
        const auto longer = co_await locks.extend(now);
        if (longer) {
            turn.got = *longer;
            checker_.on_extended(*turn.belief, longer->valid_until());
        }
    }
}

task<void> rw_workload::step_up(process& self, locker& locks, async_rw_lock& lock,
                                share_turn& turn) {
    const bool was_kept = turn.kept.holds_something();
    if (was_kept) turn.got = turn.kept.detach();
    const auto until = patience(self, seconds{20});
    const auto writer = co_await lock.upgrade(turn.got, until);
    judge.mark(writer ? "rw: upgraded" : "rw: not upgraded");
    if (writer) {
        turn.got = *writer;
        turn.mode = rw_mode::write;
        checker_.on_upgraded(*turn.belief, *writer);
    } else if (writer.error() == errc::lease_lost) {
        turn.belief->over = true;
    }
    if (was_kept) keep(locks, turn);
    co_await stay(self, locks, turn);
}

// From here on the holder is content with less; the store may know that a moment later.
task<void> rw_workload::step_down(async_rw_lock& lock, share_turn& turn) {
    const bool all_the_way = turn.mode == rw_mode::intent || draws_.chance(600'000);
    const auto to = all_the_way ? rw_mode::read : rw_mode::intent;
    turn.mode = to;
    turn.belief->mode = static_cast<char>(to);
    const auto done = co_await lock.downgrade(turn.current(), to);
    if (done) judge.mark("rw: downgraded");
    if (!done && done.error() == errc::lease_lost) turn.belief->over = true;
}

task<void> rw_workload::finish_turn(locker& locks, share_turn& turn) {
    const auto last = turn.current();
    const bool kept = turn.kept.holds_something();
    const bool left_alone = draws_.chance(150'000);  // or dropped, when kept
    turn.belief->over = true;
    if (left_alone) co_return;
    auto returning = kept ? turn.kept.release() : locks.release(last);
    co_await give_back(std::move(returning), turn.belief);
}

}  // namespace

std::unique_ptr<workload> make_rw_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<rw_workload>(of, to, draws);
}

}  // namespace holdfast::sim
