// Clients that agree through several independent servers.
#include "holdfast/quorum_locker.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/quorum_checker.hpp"

#include <array>
#include <string>

namespace holdfast::sim {
namespace {

constexpr milliseconds longest_lease{60000};
constexpr std::array<milliseconds, 3> ttls{seconds{5}, seconds{20}, longest_lease};

class quorum_workload final : public crowd_workload {
public:
    quorum_workload(simulation::fleet& of, referee& to, random draws)
        : crowd_workload(
              of, to, draws,
              {.rest = seconds{40}, .short_rest = seconds{20}, .idle = "held no quorum"}),
          stores_{of, draws_.chance(500'000) ? 3U : 5U, draws_.fork()},
          checker_(stores_, to, longest_lease) {}

    task<void> run(process& self) override;
    void on_event(const process&, const event& happened) override {
        if (happened.subject == name().str() && happened.kind == event_kind::lease_lost)
            judge.mark("quorum: lost while held");
    }
    void healed() override {
        stores_.heal();
        crowd_workload::healed();
    }

private:
    static lock_name name() { return lock_name("quorum"); }
    task<void> work(process& self, quorum_locker& locks);
    task<void> hold(process& self, quorum_locker& locks, lease got);
    task<void> keep(process& self, quorum_locker& locks, std::shared_ptr<believer> belief);

    quorum_stores stores_;
    quorum_checker checker_;
};

task<void> quorum_workload::run(process& self) {
    const auto stores = stores_.connect(host_of(self));
    std::vector<quorum_node> nodes;
    for (std::size_t i = 0; i < stores.size(); ++i) {
        stores[i]->on_unknown = [this](std::string_view) { judge.mark("quorum: no reply"); };
        nodes.push_back({stores_.at(i).name, stores[i].get()});
        host_of(self).keep(stores[i]);
    }
    quorum_options options;
    options.longest_lease = longest_lease;
    options.who = self.node;
    quorum_locker locks(self.rt, std::move(nodes), self.events, std::move(options));
    host_of(self).spawn(work(self, locks));
    co_await self.rt.sleep_until(steady_time::max());
}

task<void> quorum_workload::work(process& self, quorum_locker& locks) {
    while (true) {
        co_await rest(self);
        const lease_ttl ttl(ttls[draws_.below(ttls.size())]);
        const auto patience = self.rt.now() + some(seconds{1});
        std::string why;
        auto asked = draws_.chance(500'000) ? locks.acquire(name(), ttl, patience, &why)
                                            : locks.try_acquire(name(), ttl, &why);
        const auto got = co_await std::move(asked);
        if (why.find("too young") != why.npos) judge.mark("quorum: too young to count");
        if (!got) continue;
        co_await hold(self, locks, *got);
        got_on(self.node);
    }
}

task<void> quorum_workload::hold(process& self, quorum_locker& locks, lease got) {
    const auto belief = checker_.on_belief(host_of(self), got);
    if (draws_.chance(600'000)) {
        co_await keep(self, locks, belief);
        co_return;
    }
    for (auto steps = draws_.below(3); steps > 0; --steps) {
        co_await pass(self, nanoseconds(got.ttl().span()) / 3);
        const auto longer = co_await locks.extend(got);
        if (!longer) continue;
        got = *longer;
        checker_.on_extended(*belief, got.valid_until());
        checker_.write(*belief);
    }
    belief->over = true;
    if (draws_.chance(200'000)) co_return;  // left alone: it runs out
    co_await locks.release(got);
}

task<void> quorum_workload::keep(process& self, quorum_locker& locks,
                                 std::shared_ptr<believer> belief) {
    keep_options options;
    options.on_extended = [this, belief](steady_time until) {
        checker_.on_extended(*belief, until);
    };
    auto held = locks.keep(belief->claim, std::move(options));
    for (auto steps = draws_.below(5); steps > 0; --steps) {
        co_await pass(self, seconds{3});
        if (!held.valid(self.rt.now())) break;
        co_await pass(self, milliseconds{5});
        checker_.write(*belief);
    }
    belief->over = true;
    if (draws_.chance(100'000)) co_return;  // dropped: given back behind its back
    auto returned = held.release();
    co_await std::move(returned);
}

}  // namespace

std::unique_ptr<workload> make_quorum_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<quorum_workload>(of, to, draws);
}

}  // namespace holdfast::sim
