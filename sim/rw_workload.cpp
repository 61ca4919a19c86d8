// Readers, writers, and readers who mean to write: they step up and down, and some never give back.
#include "holdfast/rw_lock.hpp"
#include "sim/share_checker.hpp"
#include "sim/workload.hpp"

#include <array>
#include <map>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 2;
constexpr std::size_t workers = 2;
constexpr std::array<milliseconds, 3> ttls{seconds{5}, seconds{20}, seconds{60}};
constexpr nanoseconds rest = seconds{40};
constexpr nanoseconds short_rest = seconds{5};  // once healed

/// One share while it is held: kept alive, or extended by hand.
struct share_turn {
    lease got;
    std::shared_ptr<sharer> belief;
    scoped_lease kept = {};
    rw_mode mode = rw_mode::read;

    lease current() const { return kept.holds_something() ? kept.current() : got; }
};

class rw_workload final : public workload {
public:
    rw_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to), checker_(of, to, "rw"), draws_(draws) {}

    task<void> run(process& self) override;
    void on_event(const process& by, const event& happened) override {
        checker_.on_event(by, happened);
    }
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "lock/shared_acquire") judge.mark("rw: acquire without a reply");
        if (script == "lock/shared_release") judge.mark("rw: release without a reply");
        if (script == "lock/rw_upgrade") judge.mark("rw: upgrade without a reply");
        if (script == "lock/rw_convert") judge.mark("rw: downgrade without a reply");
    }
    void on_loss() override { checker_.on_loss(); }
    void healed() override {
        checker_.heal();
        healed_ = true;
        done_.clear();
    }
    void finish() override;

private:
    task<void> work(process& self, locker& locks, std::size_t worker);
    task<void> hold(process& self, locker& locks, async_rw_lock& lock, share_turn turn);
    task<void> step_up(process& self, locker& locks, async_rw_lock& lock, share_turn& turn);
    task<void> step_down(async_rw_lock& lock, share_turn& turn);
    task<void> stay(process& self, locker& locks, share_turn& turn);
    task<void> give_back(locker& locks, share_turn& turn);
    void keep(locker& locks, share_turn& turn);
    rw_mode any_mode() {
        const auto roll = draws_.below(100);
        return roll < 55 ? rw_mode::read : roll < 80 ? rw_mode::write : rw_mode::intent;
    }
    nanoseconds some(nanoseconds typical) { return draws_.around(typical); }

    share_checker checker_;
    random draws_;
    bool healed_ = false;
    std::map<std::string, std::uint64_t> done_;  // by worker
};

task<void> rw_workload::run(process& self) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    for (std::size_t i = 0; i < workers; ++i) host_of(self).spawn(work(self, locks, i));
    co_await self.rt.sleep_until(steady_time::max());
}

task<void> rw_workload::work(process& self, locker& locks, std::size_t worker) {
    const auto who = self.node + "/" + std::to_string(worker);
    while (true) {
        co_await self.rt.sleep_until(self.rt.now() + some(healed_ ? short_rest : rest));
        const lock_name name("rw-" + std::to_string(draws_.below(names)));
        async_rw_lock lock(locks, name, lease_ttl(ttls[draws_.below(ttls.size())]));
        const auto mode = any_mode();
        const auto patience = healed_ ? steady_time::max() : self.rt.now() + some(minutes{1});
        const bool waits = healed_ || draws_.chance(800'000);
        auto asked = waits ? lock.acquire(mode, patience) : lock.try_acquire(mode);
        auto got = co_await std::move(asked);
        if (!got) continue;
        const auto as = static_cast<char>(mode);
        share_turn turn{*got, checker_.on_belief(host_of(self), *got, as, 1)};
        turn.mode = mode;
        co_await hold(self, locks, lock, std::move(turn));
        ++done_[who];
    }
}

void rw_workload::keep(locker& locks, share_turn& turn) {
    keep_options options;
    options.on_extended = [this, belief = turn.belief](steady_time until) {
        checker_.on_extended(*belief, until);
    };
    turn.kept = locks.keep(turn.got, std::move(options));
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
    co_await give_back(locks, turn);
}

// A write takes a while to arrive: the holder checks before, what is written compares fences after.
task<void> rw_workload::stay(process& self, locker& locks, share_turn& turn) {
    for (auto steps = draws_.below(4); steps > 0; --steps) {
        co_await self.rt.sleep_until(self.rt.now() + some(seconds{2}));
        const auto now = turn.current();
        if (!now.valid(self.rt.now()) || turn.belief->over) co_return;
        if (turn.mode == rw_mode::write) {
            const auto fence = now.fence().value();
            co_await self.rt.sleep_until(self.rt.now() + some(milliseconds{5}));
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
    const auto until = healed_ ? steady_time::max() : self.rt.now() + some(seconds{20});
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

task<void> rw_workload::give_back(locker& locks, share_turn& turn) {
    const auto last = turn.current();
    const bool kept = turn.kept.holds_something();
    const bool left_alone = draws_.chance(150'000);  // or dropped, when kept
    turn.belief->over = true;
    if (left_alone) co_return;
    auto returning = kept ? turn.kept.release() : locks.release(last);
    const auto given = co_await std::move(returning);
    if (given && *given) checker_.on_released(*turn.belief);
}

void rw_workload::finish() {
    for (const auto& one : home.space.nodes())
        for (std::size_t i = 0; i < workers; ++i) {
            const auto who = one->name() + "/" + std::to_string(i);
            if (done_[who] == 0)
                judge.fail("progress", who + " held no share since everything was healed");
        }
}

}  // namespace

std::unique_ptr<workload> make_rw_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<rw_workload>(of, to, draws);
}

}  // namespace holdfast::sim
