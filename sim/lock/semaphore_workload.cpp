// Clients that want different numbers of permits, die with them, and change how many there are.
#include "holdfast/semaphore.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/share_checker.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::int64_t first_capacity = 5;
constexpr std::array<milliseconds, 3> ttls{seconds{5}, seconds{20}, seconds{60}};

lock_name pool() { return lock_name("permits"); }

class semaphore_workload final : public checked_crowd<share_checker> {
public:
    semaphore_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(
              of, to, draws, pool().str(),
              {.workers = 2,
               .rest = seconds{30},
               .short_rest = seconds{5},
               .idle = "had no permit",
               .unknown = {{"lock/shared_acquire", "permits: acquire without a reply"},
                           {"lock/shared_release", "permits: release without a reply"}}}) {}

    void finish() override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<void> hold(process& self, locker& locks, async_semaphore& slots, lease got,
                    std::uint32_t weight);
    task<void> keep(process& self, locker& locks, lease got, std::shared_ptr<sharer> belief);
    std::int64_t capacity();

    bool had_all_ = false;  // somebody had every permit, once healed
};

std::int64_t semaphore_workload::capacity() {
    return std::max<std::int64_t>(
        shares_at(home.server, pool().str(), home.store_options.prefix).capacity, 1);
}

task<void> semaphore_workload::turn(process& self, locker& locks, const std::string& who) {
    const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
    async_semaphore slots(locks, pool(), ttl, permits(first_capacity));
    if (!is_healed() && draws_.chance(20'000)) {
        const auto done = co_await slots.set_capacity(permits(draws_.between(2, 7)));
        if (done) judge.mark("permits: capacity changed");
    }
    const bool all = draws_.chance(is_healed() ? 300'000 : 50'000);
    const permits wanted(all ? capacity() : draws_.between(std::int64_t{1}, std::int64_t{3}));
    const auto until = patience(self);
    auto asked = waits() ? slots.acquire(wanted, until) : slots.try_acquire(wanted);
    auto got = co_await std::move(asked);
    if (!got) {
        if (got.error() == errc::invalid_argument) judge.mark("permits: more than there are");
        co_return;
    }
    had_all_ = had_all_ || (is_healed() && all);
    co_await hold(self, locks, slots, *got, wanted.count());
    got_on(who);
}

task<void> semaphore_workload::hold(process& self, locker& locks, async_semaphore& slots, lease got,
                                    std::uint32_t weight) {
    const auto belief = checker_.on_belief(host_of(self), got, 's', weight);
    if (draws_.chance(600'000)) {
        co_await keep(self, locks, got, belief);
        co_return;
    }
    co_await pass(self, nanoseconds(got.ttl().span()) / 3);
    const auto longer = co_await locks.extend(got);
    if (longer) {
        got = *longer;
        checker_.on_extended(*belief, got.valid_until());
        co_await pass(self, seconds{3});
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
    auto held = locks.keep(std::move(got), telling(belief));
    co_await pass(self, seconds{8});
    belief->over = true;
    if (draws_.chance(100'000)) co_return;  // dropped: given back behind its back
    auto returned = held.release();
    co_await give_back(std::move(returned), belief);
}

void semaphore_workload::finish() {
    if (!had_all_) judge.fail("progress", "nobody could have all permits: some have leaked");
    crowd_workload::finish();
}

}  // namespace

std::unique_ptr<workload> make_semaphore_workload(simulation::fleet& of, referee& to,
                                                  random draws) {
    return std::make_unique<semaphore_workload>(of, to, draws);
}

}  // namespace holdfast::sim
