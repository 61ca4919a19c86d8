// Clients that want several locks at once, with the names in any order, among others that want one.
#include "holdfast/multi_lock.hpp"
#include "lock/lock_keys.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/lock_checker.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace holdfast::sim {
namespace {

constexpr std::size_t names = 4;
constexpr std::array<milliseconds, 3> ttls{seconds{5}, seconds{20}, seconds{40}};
constexpr nanoseconds longest_circle = seconds{15};

using beliefs = std::vector<std::shared_ptr<believer>>;

lock_name name_of(std::uint64_t i) { return lock_name("multi-" + std::to_string(i)); }

class multi_workload final : public checked_crowd<lock_checker> {
public:
    multi_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(of, to, draws, "multi-",
                        {.workers = 2,
                         .rest = seconds{45},
                         .short_rest = seconds{5},
                         .idle = "held no locks together",
                         .unknown = {{"lock/take_all", "multi: acquire without a reply"},
                                     {"lock/release_all", "multi: release without a reply"}}}) {}

    void on_event(const process&, const event& happened) override {
        if (happened.kind == event_kind::lease_lost && happened.subject.starts_with("multi-"))
            judge.mark("multi: lost while held");
    }
    void on_script(const executed& done) override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<bool> take_several(process& self, locker& locks);
    task<bool> take_one(process& self, locker& locks);
    task<void> hold(process& self, locker& locks, multi_lease got);
    beliefs believe(node& by, const multi_lease& got);
    void check_taken(const executed& done);
    void check_loss(const multi_lease& got, const beliefs& parts);
    void check_circle(const executed& done);
    bool waits_for_itself(const std::string& id);
    std::vector<lock_name> some_names();
    lease_ttl some_ttl() { return lease_ttl(ttls[draws_.below(ttls.size())]); }

    std::map<std::string, steady_time> circles_;  // attempts that wait for themselves, since when
};

task<void> multi_workload::turn(process& self, locker& locks, const std::string& who) {
    const bool several = draws_.chance(750'000);
    auto taking = several ? take_several(self, locks) : take_one(self, locks);
    const bool had = co_await std::move(taking);
    if (had && several) got_on(who);
    if (is_healed() || !draws_.chance(40'000)) co_return;
    const auto broken = co_await locks.force_break(name_of(draws_.below(names)));
    if (broken) judge.mark("multi: broken on purpose");
}

// Two or three names, in an order that another client may well have turned round.
std::vector<lock_name> multi_workload::some_names() {
    const auto wanted = 2 + draws_.below(2);
    std::vector<lock_name> chosen;
    while (chosen.size() < wanted) {
        const auto name = name_of(draws_.below(names));
        if (std::ranges::find(chosen, name) == chosen.end()) chosen.push_back(name);
    }
    return chosen;
}

task<bool> multi_workload::take_several(process& self, locker& locks) {
    async_multi_lock together{locks, lock_names(some_names()), some_ttl()};
    auto asked = waits() ? together.acquire(patience(self)) : together.try_acquire();
    auto got = co_await std::move(asked);
    if (!got) co_return false;
    co_await hold(self, locks, std::move(*got));
    co_return true;
}

task<bool> multi_workload::take_one(process& self, locker& locks) {
    const auto name = name_of(draws_.below(names));
    const auto ttl = some_ttl();
    auto got = co_await locks.acquire(name, ttl, patience(self));
    if (!got) co_return false;
    const auto belief = checker_.on_belief(host_of(self), *got);
    co_await pass(self, seconds{2});
    belief->over = true;
    auto returning = locks.release(*got);
    co_await give_back(std::move(returning), belief);
    co_return true;
}

beliefs multi_workload::believe(node& by, const multi_lease& got) {
    const auto& whole = got.whole();
    const auto asked_at =
        whole.valid_until() + drift_margin(whole.ttl().span()) - whole.ttl().span();
    beliefs parts;
    for (const auto& name : got.names()) {
        const lease part(name, whole.owner(), got.fence_of(name), whole.ttl(), asked_at);
        parts.push_back(checker_.on_belief(by, part));
    }
    return parts;
}

task<void> multi_workload::hold(process& self, locker& locks, multi_lease got) {
    const auto parts = believe(host_of(self), got);
    keep_options options;
    options.on_extended = [this, parts](steady_time until) {
        for (const auto& part : parts) checker_.on_extended(*part, until);
    };
    auto held = locks.keep(got.whole(), std::move(options));
    for (auto steps = draws_.below(6); steps > 0; --steps) {
        co_await pass(self, seconds{3});
        if (held.reason() != lost_reason::none) break;
        if (!held.valid(self.rt.now())) break;
        const auto& part = parts[draws_.below(parts.size())]->claim;
        co_await pass(self, milliseconds{5});
        checker_.write(part.name().str(), part.fence().value(), part.owner().str());
    }
    if (held.reason() != lost_reason::none) check_loss(got, parts);
    for (const auto& part : parts) part->over = true;
    if (draws_.chance(100'000)) co_return;  // dropped: given back behind its back
    auto returned = held.release();
    const auto given = co_await std::move(returned);
    if (!given) co_return;
    for (const auto& part : parts) checker_.on_released(*part);
}

// What is not lost is still held until the lease ends; what is lost is held by somebody else.
void multi_workload::check_loss(const multi_lease& got, const beliefs& parts) {
    const auto lost = got.lost_names();
    if (!lost.empty() && lost.size() < parts.size()) judge.mark("multi: lost in part");
    for (const auto& part : parts) {
        if (std::ranges::find(lost, part->claim.name()) == lost.end())
            checker_.check_with_store(*part);
        else
            checker_.on_released(*part);
    }
}

void multi_workload::on_script(const executed& done) {
    if (done.what.name == "lock/take_all" && done.keys[0].starts_with("multi-")) check_taken(done);
    checker_.on_script(done);
}

// All of them, or, for one who does not wait, none.
void multi_workload::check_taken(const executed& done) {
    if (!done.answer || done.answer->items().empty()) return;
    const auto outcome = (*done.answer)[0].as_integer();
    const bool granted = outcome == 1;
    const bool waits = done.args[3] == "1";
    // All were taken by the same question before, and one was lost since: it is torn.
    if (outcome == -2 && !waits) return;
    if (!granted && waits) {
        judge.mark("multi: waited for some of them");
        check_circle(done);
        return;
    }
    for (std::size_t i = 0; i + 3 < done.keys.size(); i += 4) {
        const auto holder = text_at(home.server, done.keys[i]);
        if ((holder && holder->value == done.args[0]) != granted)
            judge.fail("all or nothing", done.keys[i] + (granted ? " is missing" : " was taken") +
                                             " for " + done.args[0]);
    }
}

// Its own id is reached from the holders of what it waits for.
bool multi_workload::waits_for_itself(const std::string& id) {
    std::map<std::string, std::vector<std::string>> holders;  // by who waits for them
    for (std::size_t i = 0; i < names; ++i) {
        const auto holder = text_at(home.server, name_of(i).str());
        if (!holder) continue;
        const auto queue =
            scores_at(home.server, side_key_of(name_of(i), home.store_options.prefix, 'q'));
        for (const auto& [member, ticket] : queue)
            holders[member.substr(0, member.find('|'))].push_back(holder->value);
    }
    std::vector<std::string> next{id};
    std::set<std::string> seen;
    while (!next.empty()) {
        const auto at = next.back();
        next.pop_back();
        for (const auto& holder : holders[at]) {
            if (holder == id) return true;
            if (seen.insert(holder).second) next.push_back(holder);
        }
    }
    return false;
}

// One that lost its place may stand in a circle until it asks again, but not for longer.
void multi_workload::check_circle(const executed& done) {
    const auto& id = done.args[0];
    if (!waits_for_itself(id)) {
        circles_.erase(id);
        return;
    }
    const auto since = circles_.try_emplace(id, now()).first->second;
    if (now() - since > longest_circle)
        judge.fail("all or nothing", id + " waits for one that waits for it");
}

}  // namespace

std::unique_ptr<workload> make_multi_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<multi_workload>(of, to, draws);
}

}  // namespace holdfast::sim
