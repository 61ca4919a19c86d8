// Owners that lock again what they hold, and must give it back as often.
#include "holdfast/recursive_mutex.hpp"
#include "sim/lock_checker.hpp"
#include "sim/workload.hpp"

#include <array>
#include <map>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 2;
constexpr std::size_t workers = 2;
constexpr std::uint64_t deepest = 4;
constexpr std::array<milliseconds, 2> ttls{seconds{6}, seconds{30}};
constexpr nanoseconds rest = seconds{40};
constexpr nanoseconds short_rest = seconds{5};  // once healed
constexpr nanoseconds a_moment = milliseconds{5};

/// One owner, what it has been told, and who it is to the store.
struct recursive_turn {
    async_recursive_mutex lock;
    std::string name;
    lease_ttl ttl;
    unsigned depth = 0;
    std::string owner = {};
    std::uint64_t fence = 0;
};

class recursive_workload final : public workload {
public:
    recursive_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to), checker_(of, to, "recursive-"), draws_(draws) {}

    task<void> run(process& self) override;
    void on_event(const process& by, const event& happened) override;
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "lock/acquire") judge.mark("recursive: acquire without a reply");
        if (script == "lock/release") judge.mark("recursive: release without a reply");
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
    task<void> go_in(process& self, recursive_turn& turn);
    task<void> come_out(process& self, recursive_turn& turn);
    task<void> look(process& self, recursive_turn& turn);
    bool held(const recursive_turn& turn) {
        const auto holder = text_at(home.server, turn.name);
        return holder && holder->value == turn.owner;
    }
    nanoseconds some(nanoseconds typical) { return draws_.around(typical); }

    lock_checker checker_;
    random draws_;
    bool healed_ = false;
    std::map<std::string, std::string> owners_;  // by node, lock and fence
    std::map<std::string, std::uint64_t> done_;  // by worker
};

std::string place(const std::string& node, std::string_view lock, std::uint64_t fence) {
    return node + " " + std::string(lock) + " " + std::to_string(fence);
}

void recursive_workload::on_event(const process& by, const event& happened) {
    checker_.on_event(by, happened);
    if (!happened.subject.starts_with("recursive-")) return;
    if (happened.kind == event_kind::lease_acquired)
        owners_[place(by.node, happened.subject, happened.number)] = happened.who;
}

task<void> recursive_workload::run(process& self) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    for (std::size_t i = 0; i < workers; ++i) host_of(self).spawn(work(self, locks, i));
    co_await self.rt.sleep_until(steady_time::max());
}

task<void> recursive_workload::work(process& self, locker& locks, std::size_t worker) {
    const auto who = self.node + "/" + std::to_string(worker);
    while (true) {
        co_await self.rt.sleep_until(self.rt.now() + some(healed_ ? short_rest : rest));
        const lock_name name("recursive-" + std::to_string(draws_.below(names)));
        const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
        recursive_turn turn{async_recursive_mutex(locks, name, ttl), name.str(), ttl};
        co_await go_in(self, turn);
        if (turn.depth == 0) continue;
        if (draws_.chance(50'000)) continue;  // dropped: given back behind its back, at any depth
        co_await come_out(self, turn);
        ++done_[who];
    }
}

task<void> recursive_workload::go_in(process& self, recursive_turn& turn) {
    for (auto wanted = 1 + draws_.below(deepest); wanted > 0; --wanted) {
        const auto until = healed_ ? steady_time::max() : self.rt.now() + some(minutes{1});
        const bool waits = healed_ || draws_.chance(800'000);
        auto entering = waits ? turn.lock.lock(until) : turn.lock.try_lock();
        const auto in = co_await std::move(entering);
        if (!in) {
            if (turn.depth > 0) judge.mark("recursive: refused after a loss");
            if (turn.depth > 0 && in.error() != errc::lease_lost)
                judge.fail("depth", turn.name + ": locking again failed: " + in.error().message());
            co_return;
        }
        if (turn.depth == 0) {
            turn.fence = in->value();
            turn.owner = owners_[place(self.node, turn.name, turn.fence)];
        } else if (in->value() != turn.fence) {
            judge.fail("depth", turn.name + ": locking again gave another hold");
        } else {
            judge.mark("recursive: locked again");
        }
        ++turn.depth;
        co_await look(self, turn);
    }
}

// Held in the store as long as it is held at all, however often it was locked and unlocked. A node
// that was frozen meanwhile has not yet heard that its lease is over.
task<void> recursive_workload::look(process& self, recursive_turn& turn) {
    if (turn.lock.hold_count() != turn.depth)
        judge.fail("depth", turn.name + ": counts " + std::to_string(turn.lock.hold_count()) +
                                " of " + std::to_string(turn.depth));
    co_await self.rt.sleep_until(self.rt.now() + some(seconds{3}));
    const auto before = self.rt.now();
    co_await self.rt.sleep_until(before + a_moment);
    if (turn.lock.reason() != lost_reason::none || self.rt.now() - before > 2 * a_moment) co_return;
    if (now() - home.server.disturbed_at() < 2 * nanoseconds(turn.ttl.span())) co_return;
    if (!held(turn))
        judge.fail("depth", turn.name + " is held " + std::to_string(turn.depth) + " times by " +
                                self.node + ", and the store has given it to another");
    checker_.write(turn.name, turn.fence, turn.owner);
}

task<void> recursive_workload::come_out(process& self, recursive_turn& turn) {
    while (turn.depth > 0) {
        const auto out = co_await turn.lock.unlock();
        --turn.depth;
        if (turn.depth > 0) co_await look(self, turn);
        if (turn.depth > 0 || !out) continue;
        const auto excused = now() - home.server.disturbed_at() < 2 * nanoseconds(turn.ttl.span());
        if (*out && held(turn) && !excused)
            judge.fail("depth", turn.name + " was unlocked as often as locked and is still held");
    }
    const auto once_more = co_await turn.lock.unlock();
    if (once_more && *once_more) judge.fail("depth", turn.name + ": unlocked once too often");
}

void recursive_workload::finish() {
    for (const auto& one : home.space.nodes())
        for (std::size_t i = 0; i < workers; ++i) {
            const auto who = one->name() + "/" + std::to_string(i);
            if (done_[who] == 0)
                judge.fail("progress", who + " held nothing twice since everything was healed");
        }
}

}  // namespace

std::unique_ptr<workload> make_recursive_workload(simulation::fleet& of, referee& to,
                                                  random draws) {
    return std::make_unique<recursive_workload>(of, to, draws);
}

}  // namespace holdfast::sim
