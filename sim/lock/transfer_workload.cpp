// Holders that offer their lease to other processes, or are asked to give it up; and cohorts that
// pass a lock on in memory.
#include "holdfast/cohort.hpp"
#include "holdfast/locker.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/lock_checker.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::sim {
namespace {

constexpr std::size_t desk_workers = 2;
constexpr milliseconds ttl{15000};
constexpr nanoseconds desk_rest = seconds{30};
constexpr std::size_t offers_kept = 8;

lock_name baton() { return lock_name("transfer-baton"); }
lock_name shared_desk() { return lock_name("transfer-desk"); }

class transfer_workload final : public checked_crowd<lock_checker> {
public:
    transfer_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(of, to, draws, "transfer-",
                        {.rest = desk_rest,
                         .short_rest = desk_rest,
                         .idle = "never held the baton",
                         .unknown = {{"lock/accept", "transfer: accepted without a reply"}}}) {}

    task<void> run(process& self) override;
    void on_event(const process& by, const event& happened) override;
    void on_script(const executed& done) override;
    void healed() override {
        checked_crowd::healed();
        turns_.clear();
    }
    void finish() override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<void> sit(process& self, cohort& desk, std::size_t worker);
    task<result<lease>> get(process& self, locker& locks);
    task<void> hold(process& self, locker& locks, lease got);

    std::vector<lease_offer> offers_;             // somebody has sent them; some are stale
    std::map<std::string, std::uint64_t> turns_;  // at the desk, by worker
};

/// Outlives the coroutines that use it.
struct desk_kit {
    explicit desk_kit(process& self)
        : locks(self.rt, self.shared, self.events, locker_options{self.node}),
          desk(locks, shared_desk(), lease_ttl(ttl)) {}
    locker locks;
    cohort desk;
};

task<void> transfer_workload::run(process& self) {
    const auto kit = std::make_shared<desk_kit>(self);
    host_of(self).keep(kit);
    spawn_workers(self, kit->locks);
    for (std::size_t i = 0; i < desk_workers; ++i) host_of(self).spawn(sit(self, kit->desk, i));
    co_await self.rt.sleep_until(steady_time::max());
}

void transfer_workload::on_event(const process& by, const event& happened) {
    checker_.on_event(by, happened);
    if (!happened.subject.starts_with("transfer-")) return;
    if (happened.kind == event_kind::lease_accepted) judge.mark("transfer: accepted");
    if (happened.kind == event_kind::revoke_requested) judge.mark("transfer: asked to give up");
}

// From the script on the one who offered is out, whether or not it has heard.
void transfer_workload::on_script(const executed& done) {
    if (done.what.name == "lock/accept" && done.keys[0] == baton().str() && done.answer &&
        done.answer->as_integer() > 0)
        checker_.on_thrown_out(done.keys[0], done.args[0]);
    checker_.on_script(done);
}

task<void> transfer_workload::turn(process& self, locker& locks, const std::string& who) {
    if (draws_.chance(200'000)) co_await locks.request_revoke(baton());
    auto getting = get(self, locks);
    auto got = co_await std::move(getting);
    if (!got) co_return;
    co_await hold(self, locks, std::move(*got));
    got_on(who);
}

task<result<lease>> transfer_workload::get(process& self, locker& locks) {
    if (!offers_.empty() && draws_.chance(600'000)) {
        const auto offer = offers_[draws_.below(offers_.size())];
        co_return co_await locks.accept(offer);
    }
    const auto until = patience(self);
    co_return co_await locks.acquire(baton(), lease_ttl(ttl), until);
}

task<void> transfer_workload::hold(process& self, locker& locks, lease got) {
    const auto belief = checker_.on_belief(host_of(self), got);
    const auto owner = got.owner().str();
    auto held = locks.keep(std::move(got), telling(belief));
    offers_.push_back(held.offer());
    if (offers_.size() > offers_kept) offers_.erase(offers_.begin());
    for (auto steps = draws_.below(8); steps > 0; --steps) {
        co_await pass(self, seconds{4});
        if (!held.valid(self.rt.now()) || held.revoke_requested().stop_requested()) break;
        checker_.write(baton().str(), held.fence().value(), owner);
    }
    if (held.reason() == lost_reason::transferred) judge.mark("transfer: gave it away");
    belief->over = true;
    auto returned = held.release();
    co_await give_back(std::move(returned), belief);
}

// No two turns have one fence, whichever process they are in; a later writer has the higher one.
task<void> transfer_workload::sit(process& self, cohort& desk, std::size_t worker) {
    const auto who = self.node + "/" + std::to_string(worker);
    while (true) {
        co_await pass(self, desk_rest);
        co_await until_busy(self);
        for (auto turns = 1 + draws_.below(5); turns > 0; --turns) {
            const auto until = patience(self);
            auto turn = co_await desk.acquire(until);
            if (!turn) break;
            ++turns_[who];
            co_await pass(self, milliseconds{20});
            if (turn->lost().stop_requested()) break;
            checker_.write(shared_desk().str(), turn->fence().value(),
                           who + " turn " + std::to_string(turns_[who]));
            judge.mark("transfer: a turn in a cohort");
        }
    }
}

void transfer_workload::finish() {
    checked_crowd::finish();
    for (const auto& one : home.space.nodes())
        for (std::size_t i = 0; i < desk_workers; ++i) {
            const auto who = one->name() + "/" + std::to_string(i);
            if (turns_[who] == 0) judge.fail("progress", who + " had no turn since all was healed");
        }
}

}  // namespace

std::unique_ptr<workload> make_transfer_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<transfer_workload>(of, to, draws);
}

}  // namespace holdfast::sim
