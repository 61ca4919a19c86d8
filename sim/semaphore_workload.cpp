// Clients that want different numbers of permits, die with them, and change how many there are.
#include "holdfast/semaphore.hpp"
#include "sim/share_checker.hpp"
#include "sim/workload.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::int64_t first_capacity = 5;
constexpr std::size_t workers = 2;
constexpr std::array<milliseconds, 3> ttls{seconds{5}, seconds{20}, seconds{60}};
constexpr nanoseconds rest = seconds{30};
constexpr nanoseconds short_rest = seconds{5};  // once healed

lock_name pool() { return lock_name("permits"); }

class semaphore_workload final : public workload {
public:
    semaphore_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to), checker_(of, to, pool().str()), draws_(draws) {}

    task<void> run(process& self) override;
    void on_event(const process& by, const event& happened) override {
        checker_.on_event(by, happened);
    }
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "lock/shared_acquire") judge.mark("permits: acquire without a reply");
        if (script == "lock/shared_release") judge.mark("permits: release without a reply");
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
    task<void> hold(process& self, locker& locks, async_semaphore& slots, lease got,
                    std::uint32_t weight);
    task<void> keep(process& self, locker& locks, lease got, std::shared_ptr<sharer> belief);
    std::int64_t capacity();
    nanoseconds some(nanoseconds typical) { return draws_.around(typical); }

    share_checker checker_;
    random draws_;
    bool healed_ = false;
    bool had_all_ = false;                       // somebody had every permit, once healed
    std::map<std::string, std::uint64_t> done_;  // by worker
};

task<void> semaphore_workload::run(process& self) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    for (std::size_t i = 0; i < workers; ++i) host_of(self).spawn(work(self, locks, i));
    co_await self.rt.sleep_until(steady_time::max());
}

std::int64_t semaphore_workload::capacity() {
    return std::max<std::int64_t>(shares_at(home.server, pool().str()).capacity, 1);
}

task<void> semaphore_workload::work(process& self, locker& locks, std::size_t worker) {
    const auto who = self.node + "/" + std::to_string(worker);
    while (true) {
        co_await self.rt.sleep_until(self.rt.now() + some(healed_ ? short_rest : rest));
        const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
        async_semaphore slots(locks, pool(), ttl, permits(first_capacity));
        if (!healed_ && draws_.chance(20'000)) {
            const auto done = co_await slots.set_capacity(permits(draws_.between(2, 7)));
            if (done) judge.mark("permits: capacity changed");
        }
        const bool all = draws_.chance(healed_ ? 300'000 : 50'000);
        const permits wanted(all ? capacity() : draws_.between(std::int64_t{1}, std::int64_t{3}));
        const auto patience = healed_ ? steady_time::max() : self.rt.now() + some(minutes{1});
        const bool waits = healed_ || draws_.chance(800'000);
        auto asked = waits ? slots.acquire(wanted, patience) : slots.try_acquire(wanted);
        auto got = co_await std::move(asked);
        if (!got) {
            if (got.error() == errc::invalid_argument) judge.mark("permits: more than there are");
            continue;
        }
        had_all_ = had_all_ || (healed_ && all);
        co_await hold(self, locks, slots, *got, wanted.count());
        ++done_[who];
    }
}

task<void> semaphore_workload::hold(process& self, locker& locks, async_semaphore& slots, lease got,
                                    std::uint32_t weight) {
    const auto belief = checker_.on_belief(host_of(self), got, 's', weight);
    if (draws_.chance(600'000)) {
        co_await keep(self, locks, got, belief);
        co_return;
    }
    co_await self.rt.sleep_until(self.rt.now() + some(nanoseconds(got.ttl().span()) / 3));
    const auto longer = co_await locks.extend(got);
    if (longer) {
        got = *longer;
        checker_.on_extended(*belief, got.valid_until());
        co_await self.rt.sleep_until(self.rt.now() + some(seconds{3}));
    }
    const bool left_alone = draws_.chance(300'000);
    belief->over = true;
    if (left_alone) co_return;
    auto returning = draws_.chance(300'000) ? slots.release(got.owner()) : locks.release(got);
    const auto given = co_await std::move(returning);
    if (given && *given) checker_.on_released(*belief);
    if (given && !*given) judge.mark("permits: given back too late");
}

task<void> semaphore_workload::keep(process& self, locker& locks, lease got,
                                    std::shared_ptr<sharer> belief) {
    keep_options options;
    options.on_extended = [this, belief](steady_time until) {
        checker_.on_extended(*belief, until);
    };
    auto held = locks.keep(std::move(got), std::move(options));
    co_await self.rt.sleep_until(self.rt.now() + some(seconds{8}));
    belief->over = true;
    if (draws_.chance(100'000)) co_return;  // dropped: given back behind its back
    auto returned = held.release();
    const auto given = co_await std::move(returned);
    if (given && *given) checker_.on_released(*belief);
}

void semaphore_workload::finish() {
    if (!had_all_) judge.fail("progress", "nobody could have all permits: some have leaked");
    for (const auto& one : home.space.nodes())
        for (std::size_t i = 0; i < workers; ++i) {
            const auto who = one->name() + "/" + std::to_string(i);
            if (done_[who] == 0)
                judge.fail("progress", who + " had no permit since everything was healed");
        }
}

}  // namespace

std::unique_ptr<workload> make_semaphore_workload(simulation::fleet& of, referee& to,
                                                  random draws) {
    return std::make_unique<semaphore_workload>(of, to, draws);
}

}  // namespace holdfast::sim
