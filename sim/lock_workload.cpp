// Clients that take a few locks in every way there is, work for a while and give them back.
#include "holdfast/locker.hpp"
#include "sim/lock_checker.hpp"
#include "sim/workload.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 3;
constexpr std::size_t workers = 2;
constexpr std::array<milliseconds, 4> ttls{seconds{5}, seconds{30}, seconds{60}, seconds{90}};
constexpr nanoseconds rest = seconds{45};
constexpr nanoseconds short_rest = seconds{5};  // once healed
constexpr nanoseconds least_good_time = minutes{8};
// Of a typical span, random::around() makes this much at most.
constexpr int long_tail = 10;
// By hand a lease is extended at most this often, each time in its last instant, then left alone.
constexpr int most_extensions = 2;
constexpr nanoseconds longest_turn = (most_extensions + 1) * nanoseconds(ttls.back());
constexpr nanoseconds longest_errand = most_extensions * long_tail * nanoseconds(ttls.back()) / 3;

std::string name_of(const std::string& node, std::size_t worker) {
    return node + "/" + std::to_string(worker);
}

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
        healed_at_ = now();
        for (const auto& one : home.space.nodes())
            for (std::size_t i = 0; i < workers; ++i) owed_.insert(name_of(one->name(), i));
    }
    nanoseconds owed_within() const override;
    bool content() const override { return owed_.empty() && now() - *healed_at_ > least_good_time; }
    void finish() override;

private:
    task<void> work(process& self, locker& locks, std::size_t worker);
    task<void> hold(process& self, locker& locks, lease got);
    task<void> break_one(locker& locks);
    task<void> hold_by_hand(process& self, locker& locks, lease got);
    task<void> write_some(process& self, const scoped_lease& held, const believer& as);
    lock_name some_name() { return lock_name("lock-" + std::to_string(draws_.below(names))); }
    nanoseconds some(nanoseconds typical) { return draws_.around(typical); }

    lock_checker checker_;
    random draws_;
    std::optional<steady_time> healed_at_;
    std::set<std::string> owed_;  // workers who got no lock since then
};

// Every worker may stand before this one in the queue for a lock, after what it was at has ended.
nanoseconds lock_workload::owed_within() const {
    const auto queue = static_cast<int>(home.space.nodes().size() * workers);
    return least_good_time + longest_errand + long_tail * short_rest + queue * longest_turn;
}

task<void> lock_workload::run(process& self) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    host_of(self).spawn(work(self, locks, 0));
    for (std::size_t i = 1; i < workers; ++i) host_of(self).spawn(work(self, locks, i));
    co_await self.rt.sleep_until(steady_time::max());
}

task<void> lock_workload::work(process& self, locker& locks, std::size_t worker) {
    const auto who = name_of(self.node, worker);
    while (true) {
        co_await self.rt.sleep_until(self.rt.now() + some(healed_at_ ? short_rest : rest));
        if (!healed_at_ && draws_.chance(30'000)) co_await break_one(locks);
        const auto name = some_name();
        const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
        const auto patience = healed_at_ ? steady_time::max() : self.rt.now() + some(minutes{1});
        const bool waits = healed_at_ || draws_.chance(800'000);
        auto asked = waits ? locks.acquire(name, ttl, patience) : locks.try_acquire(name, ttl);
        auto got = co_await std::move(asked);
        if (!got) continue;
        owed_.erase(who);
        if (draws_.chance(800'000))
            co_await hold(self, locks, std::move(*got));
        else
            co_await hold_by_hand(self, locks, std::move(*got));
    }
}

// A write takes a while to arrive: the holder checks before, the resource compares fences after.
task<void> lock_workload::write_some(process& self, const scoped_lease& held, const believer& as) {
    const auto name = held.name().str();
    const auto fence = held.fence().value();
    const auto owner = as.claim.owner().str();
    const auto told = [&] { return held.reason() != lost_reason::none; };
    for (auto writes = draws_.below(4); writes > 0; --writes) {
        co_await self.rt.sleep_until(self.rt.now() + some(seconds{2}));
        const bool late = checker_.check_told(as, told(), false);
        const bool writing = held.valid(self.rt.now());
        co_await self.rt.sleep_until(self.rt.now() + some(milliseconds{5}));
        checker_.check_told(as, told(), late);
        if (!writing) co_return;
        checker_.write(name, fence, owner);
    }
}

// What an operator does who thinks that a holder hangs.
task<void> lock_workload::break_one(locker& locks) {
    auto name = some_name();
    auto broken = locks.force_break(std::move(name));
    (void)co_await std::move(broken);
}

task<void> lock_workload::hold(process& self, locker& locks, lease got) {
    const auto belief = checker_.on_belief(host_of(self), got);
    keep_options options;
    options.stop_margin = draws_.chance(500'000) ? milliseconds{500} : nanoseconds{0};
    options.on_extended = [this, belief](steady_time until) { checker_.on_kept(*belief, until); };
    auto held = locks.keep(std::move(got), std::move(options));
    co_await write_some(self, held, *belief);
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
    for (auto steps = draws_.below(most_extensions + 1); steps > 0; --steps) {
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
    for (const auto& who : owed_)
        judge.fail("progress", who + " got no lock since everything was healed");
}

}  // namespace

std::unique_ptr<workload> make_lock_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<lock_workload>(of, to, draws);
}

}  // namespace holdfast::sim
