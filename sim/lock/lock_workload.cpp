// Clients that take a few locks in every way there is, work for a while and give them back.
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/lock_checker.hpp"

#include <array>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 3;
constexpr std::size_t workers = 2;
constexpr std::array<milliseconds, 4> ttls{seconds{5}, seconds{30}, seconds{60}, seconds{90}};
constexpr nanoseconds short_rest = seconds{5};  // once healed
constexpr nanoseconds least_good_time = minutes{8};
// Of a typical span, random::around() makes this much at most.
constexpr int long_tail = 10;
// By hand a lease is extended at most this often, each time in its last instant, then left alone.
constexpr int most_extensions = 2;
constexpr nanoseconds longest_turn = (most_extensions + 1) * nanoseconds(ttls.back());
constexpr nanoseconds longest_errand = most_extensions * long_tail * nanoseconds(ttls.back()) / 3;

class lock_workload final : public checked_crowd<lock_checker> {
public:
    lock_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(of, to, draws, "lock-",
                        {.workers = workers,
                         .rest = seconds{45},
                         .short_rest = short_rest,
                         .good_time = least_good_time,
                         .idle = "got no lock",
                         .unknown = {{"lock/acquire", "lock: acquire without a reply"},
                                     {"lock/release", "lock: release without a reply"}}}) {}

    nanoseconds owed_within() const override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<void> hold(process& self, locker& locks, lease got);
    task<void> break_one(locker& locks);
    task<void> hold_by_hand(process& self, locker& locks, lease got);
    task<void> write_some(process& self, const scoped_lease& held, const believer& as);
    lock_name some_name() { return lock_name("lock-" + std::to_string(draws_.below(names))); }
};

// Every worker may stand before this one in the queue for a lock, after what it was at has ended.
nanoseconds lock_workload::owed_within() const {
    const auto queue = static_cast<int>(home.space.nodes().size() * workers);
    return least_good_time + longest_errand + long_tail * short_rest + queue * longest_turn;
}

task<void> lock_workload::turn(process& self, locker& locks, const std::string& who) {
    if (!is_healed() && draws_.chance(30'000)) co_await break_one(locks);
    const auto name = some_name();
    const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
    const auto until = patience(self);
    auto asked = waits() ? locks.acquire(name, ttl, until) : locks.try_acquire(name, ttl);
    auto got = co_await std::move(asked);
    if (!got) co_return;
    got_on(who);
    if (draws_.chance(800'000))
        co_await hold(self, locks, std::move(*got));
    else
        co_await hold_by_hand(self, locks, std::move(*got));
}

// A write takes a while to arrive: the holder checks before, the resource compares fences after.
task<void> lock_workload::write_some(process& self, const scoped_lease& held, const believer& as) {
    const auto name = held.name().str();
    const auto fence = held.fence().value();
    const auto owner = as.claim.owner().str();
    const auto told = [&] { return held.reason() != lost_reason::none; };
    for (auto writes = draws_.below(4); writes > 0; --writes) {
        co_await pass(self, seconds{2});
        const bool late = checker_.check_told(as, told(), false);
        const bool writing = held.valid(self.rt.now());
        co_await pass(self, milliseconds{5});
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
    co_await give_back(std::move(returned), belief);
}

// Without keep-alive: extended now and then, or left to expire.
task<void> lock_workload::hold_by_hand(process& self, locker& locks, lease got) {
    const auto belief = checker_.on_belief(host_of(self), got);
    for (auto steps = draws_.below(most_extensions + 1); steps > 0; --steps) {
        co_await pass(self, nanoseconds(got.ttl().span()) / 3);
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
    auto returned = locks.release(got);
    co_await give_back(std::move(returned), belief);
}

}  // namespace

std::unique_ptr<workload> make_lock_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<lock_workload>(of, to, draws);
}

}  // namespace holdfast::sim
