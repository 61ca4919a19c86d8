// Owners that lock again what they hold, and must give it back as often.
#include "holdfast/recursive_mutex.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/lock_checker.hpp"

#include <array>
#include <map>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 2;
constexpr std::uint64_t deepest = 4;
constexpr std::array<milliseconds, 2> ttls{seconds{6}, seconds{30}};
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

class recursive_workload final : public checked_crowd<lock_checker> {
public:
    recursive_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(of, to, draws, "recursive-",
                        {.workers = 2,
                         .rest = seconds{40},
                         .short_rest = seconds{5},
                         .idle = "held nothing twice",
                         .unknown = {{"lock/acquire", "recursive: acquire without a reply"},
                                     {"lock/release", "recursive: release without a reply"}}}) {}

    void on_event(const process& by, const event& happened) override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<void> go_in(process& self, recursive_turn& turn);
    task<void> come_out(process& self, recursive_turn& turn);
    task<void> look(process& self, recursive_turn& turn);
    bool held(const recursive_turn& turn) {
        const auto holder = text_at(home.server, turn.name);
        return holder && holder->value == turn.owner;
    }

    /// A lease from before may be over for its owner and be there still, or the other way round.
    bool disturbed_of_late(const recursive_turn& turn) {
        return home.server.disturbed_at() > now() - 2 * nanoseconds(turn.ttl.span());
    }

    std::map<std::string, std::string> owners_;  // by node, lock and fence
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

task<void> recursive_workload::turn(process& self, locker& locks, const std::string& who) {
    const lock_name name("recursive-" + std::to_string(draws_.below(names)));
    const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
    recursive_turn mine{async_recursive_mutex(locks, name, ttl), name.str(), ttl};
    co_await go_in(self, mine);
    if (mine.depth == 0) co_return;
    if (draws_.chance(50'000)) co_return;  // dropped: given back behind its back, at any depth
    co_await come_out(self, mine);
    got_on(who);
}

task<void> recursive_workload::go_in(process& self, recursive_turn& turn) {
    for (auto wanted = 1 + draws_.below(deepest); wanted > 0; --wanted) {
        const auto until = patience(self);
        auto entering = waits() ? turn.lock.lock(until) : turn.lock.try_lock();
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
    co_await pass(self, seconds{3});
    const auto before = self.rt.now();
    co_await self.rt.sleep_until(before + a_moment);
    if (turn.lock.reason() != lost_reason::none || self.rt.now() - before > 2 * a_moment) co_return;
    if (disturbed_of_late(turn)) co_return;
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
        if (*out && held(turn) && !disturbed_of_late(turn))
            judge.fail("depth", turn.name + " was unlocked as often as locked and is still held");
    }
    const auto once_more = co_await turn.lock.unlock();
    if (once_more && *once_more) judge.fail("depth", turn.name + ": unlocked once too often");
}

}  // namespace

std::unique_ptr<workload> make_recursive_workload(simulation::fleet& of, referee& to,
                                                  random draws) {
    return std::make_unique<recursive_workload>(of, to, draws);
}

}  // namespace holdfast::sim
