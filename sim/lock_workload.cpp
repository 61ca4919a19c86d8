// Clients that take a few locks in every way there is, work for a while and give them back.
#include "holdfast/locker.hpp"
#include "sim/lock_checker.hpp"
#include "sim/workload.hpp"

#include <array>
#include <map>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 3;
constexpr std::size_t workers = 2;
constexpr std::array<milliseconds, 4> ttls{seconds{5}, seconds{30}, seconds{60}, seconds{90}};
constexpr nanoseconds rest = seconds{45};
constexpr nanoseconds short_rest = seconds{5};  // once healed
constexpr std::uint64_t owed_after_healing = 1;

class lock_workload final : public workload {
public:
    lock_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to), checker_(of, to, "lock-"), draws_(draws) {}

    task<void> run(process& self) override;
    void on_event(const process& by, const event& happened) override {
        checker_.on_event(by, happened);
    }
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "lock/acquire") judge.mark("lock: acquire without a reply");
        if (script == "lock/release") judge.mark("lock: release without a reply");
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
    task<void> hold(process& self, locker& locks, lease got);
    task<void> hold_by_hand(process& self, locker& locks, lease got);
    task<void> write_some(process& self, const scoped_lease& held, const std::string& owner);
    nanoseconds some(nanoseconds typical) { return draws_.around(typical); }

    lock_checker checker_;
    random draws_;
    bool healed_ = false;
    std::map<std::string, std::uint64_t> done_;  // by worker
};

task<void> lock_workload::run(process& self) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    host_of(self).spawn(work(self, locks, 0));
    for (std::size_t i = 1; i < workers; ++i) host_of(self).spawn(work(self, locks, i));
    co_await self.rt.sleep_until(steady_time::max());
}

task<void> lock_workload::work(process& self, locker& locks, std::size_t worker) {
    const auto who = self.node + "/" + std::to_string(worker);
    while (true) {
        co_await self.rt.sleep_until(self.rt.now() + some(healed_ ? short_rest : rest));
        const lock_name name("lock-" + std::to_string(draws_.below(names)));
        const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
        const auto patience = healed_ ? steady_time::max() : self.rt.now() + some(minutes{1});
        const bool waits = healed_ || draws_.chance(800'000);
        auto asked = waits ? locks.acquire(name, ttl, patience) : locks.try_acquire(name, ttl);
        auto got = co_await std::move(asked);
        if (!got) continue;
        if (draws_.chance(800'000))
            co_await hold(self, locks, std::move(*got));
        else
            co_await hold_by_hand(self, locks, std::move(*got));
        ++done_[who];
    }
}

// A write takes a while to arrive: the holder checks before, the resource compares fences after.
task<void> lock_workload::write_some(process& self, const scoped_lease& held,
                                     const std::string& owner) {
    const auto name = held.name().str();
    const auto fence = held.fence().value();
    for (auto writes = draws_.below(4); writes > 0; --writes) {
        co_await self.rt.sleep_until(self.rt.now() + some(seconds{2}));
        if (!held.valid(self.rt.now())) co_return;
        co_await self.rt.sleep_until(self.rt.now() + some(milliseconds{5}));
        checker_.write(name, fence, owner);
    }
}

task<void> lock_workload::hold(process& self, locker& locks, lease got) {
    const auto belief = checker_.on_belief(host_of(self), got);
    keep_options options;
    options.stop_margin = draws_.chance(500'000) ? milliseconds{500} : nanoseconds{0};
    options.on_extended = [this, belief](steady_time until) {
        checker_.on_extended(*belief, until);
    };
    const auto owner = got.owner().str();
    auto held = locks.keep(std::move(got), std::move(options));
    co_await write_some(self, held, owner);
    if (held.reason() != lost_reason::none) belief->over = true;
    if (draws_.chance(100'000)) {  // dropped: given back behind its back
        belief->over = true;
        co_return;
    }
    auto returned = held.release();
    belief->over = true;
    const auto given = co_await std::move(returned);
    if (given && *given) checker_.on_released(*belief);
}

// Without keep-alive: extended now and then, or left to expire.
task<void> lock_workload::hold_by_hand(process& self, locker& locks, lease got) {
    const auto belief = checker_.on_belief(host_of(self), got);
    for (auto steps = draws_.below(3); steps > 0; --steps) {
        co_await self.rt.sleep_until(self.rt.now() + some(nanoseconds(got.ttl().span()) / 3));
        const auto longer = co_await locks.extend(got);
        if (longer) {
            got = *longer;
            checker_.on_extended(*belief, got.valid_until());
        }
        if (!got.valid(self.rt.now())) break;
    }
    const bool left_alone = draws_.chance(300'000);
    belief->over = true;
    if (left_alone) co_return;
    const auto given = co_await locks.release(got);
    if (given && *given) checker_.on_released(*belief);
}

void lock_workload::finish() {
    for (const auto& one : home.space.nodes())
        for (std::size_t i = 0; i < workers; ++i) {
            const auto who = one->name() + "/" + std::to_string(i);
            if (done_[who] < owed_after_healing)
                judge.fail("progress", who + " held no lock " + std::to_string(owed_after_healing) +
                                           " times since everything was healed");
        }
}

}  // namespace

std::unique_ptr<workload> make_lock_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<lock_workload>(of, to, draws);
}

}  // namespace holdfast::sim
