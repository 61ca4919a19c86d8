// Candidates that lead for a while, and observers that are to know who leads.
#include "holdfast/election.hpp"

#include "lock/lock_keys.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/lock_checker.hpp"

#include <map>
#include <set>
#include <string>

namespace holdfast::sim {
namespace {

constexpr milliseconds term{15000};
constexpr nanoseconds look_every = seconds{1};
constexpr nanoseconds noticed_within = seconds{15};  // a heartbeat when the push is lost, and more

lock_name office() { return lock_name("office"); }

/// What an observer of one process has seen.
struct sight {
    leader who;
    bool looked = false;
    fencing_token highest = {};
};

class election_workload final : public checked_crowd<lock_checker> {
public:
    election_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(of, to, draws, office().str(),
                        {.rest = seconds{20},
                         .short_rest = seconds{20},
                         .idle = "never led",
                         .unknown = {{"lock/proclaim", "election: proclaimed without a reply"},
                                     {"lock/resign", "election: resigned without a reply"}}}) {}

    task<void> run(process& self) override;
    void on_event(const process& by, const event& happened) override {
        checker_.on_event(by, happened);
        if (happened.kind == event_kind::lease_lost && happened.subject == office().str())
            judge.mark("election: leader lost office");
    }
    void on_script(const executed& done) override;
    void healed() override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<void> lead(process& self, locker& locks, lease won);
    task<void> observe(process& self, locker& locks);
    void check_sight(const std::string& node, const leader& seen);
    void look_around();
    leader truth();
    leader_value value_of(process& self) {
        return leader_value(self.node + " says " + std::to_string(++last_word_));
    }

    std::uint64_t last_word_ = 0;
    std::set<std::string> proclaimed_;  // "<owner> <fence> <value>", also what a failure may hide
    std::map<std::string, sight> sights_;  // by node
    leader true_leader_;
    steady_time true_since_{};
};

std::string text_of(std::string_view owner, std::string_view fence, std::string_view value) {
    return std::string(owner).append(" ").append(fence).append(" ").append(value);
}

std::string text_of(const leader& who) {
    return who ? text_of(who->owner, std::to_string(who->fence.value()), who->value) : "nobody";
}

task<void> election_workload::run(process& self) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    sights_[self.node] = {};
    spawn_workers(self, locks);
    host_of(self).spawn(observe(self, locks));
    co_await self.rt.sleep_until(steady_time::max());
}

task<void> election_workload::turn(process& self, locker& locks, const std::string& who) {
    async_election race(locks, office(), lease_ttl(term));
    const auto until = patience(self, minutes{2});
    auto run =
        waits(850'000) ? race.campaign(value_of(self), until) : race.try_campaign(value_of(self));
    auto won = co_await std::move(run);
    if (!won) co_return;
    co_await lead(self, locks, std::move(*won));
    got_on(who);
}

task<void> election_workload::lead(process& self, locker& locks, lease won) {
    async_election race(locks, office(), lease_ttl(term));
    const auto belief = checker_.on_belief(host_of(self), won);
    const auto owner = won.owner().str();
    auto held = locks.keep(std::move(won), telling(belief));
    for (auto steps = draws_.below(6); steps > 0; --steps) {
        co_await pass(self, seconds{6});
        if (!held.valid(self.rt.now())) break;
        if (draws_.chance(200'000)) co_await race.proclaim(held.current(), value_of(self));
        checker_.write(office().str(), held.fence().value(), owner);
    }
    belief->over = true;
    if (draws_.chance(150'000)) co_return;  // dropped: it resigns behind its back
    auto resigning = held.release();
    co_await give_back(std::move(resigning), belief);
}

task<void> election_workload::observe(process& self, locker& locks) {
    election_observer watch(locks, office());
    while (true) {
        auto next = watch.next(self.rt.now() + some(minutes{1}));
        const auto seen = co_await std::move(next);
        if (seen) check_sight(self.node, *seen);
        if (!seen && seen.error() != errc::timed_out)
            co_await self.rt.sleep_until(self.rt.now() + seconds{1});
    }
}

// A leader that is seen was one, and (as long as the store forgets nothing) no former one.
void election_workload::check_sight(const std::string& node, const leader& seen) {
    auto& before = sights_[node];
    if (!seen) judge.mark("election: nobody seen to lead");
    if (seen && !proclaimed_.contains(text_of(seen)))
        judge.fail("election", node + " sees a leader that never was: " + text_of(seen));
    if (seen && home.server.losses() == 0 && seen->fence < before.highest)
        judge.fail("election", node + " sees a former leader: " + text_of(seen));
    if (seen) before.highest = seen->fence;
    before.who = seen;
    before.looked = true;
}

void election_workload::on_script(const executed& done) {
    checker_.on_script(done);
    if (done.keys.empty() || done.keys[0] != office().str() || !done.answer) return;
    const auto holder = text_at(home.server, office().str());
    if (done.what.name == "lock/proclaim" && done.answer->as_integer() == 1) {
        proclaimed_.insert(text_of(done.args[0], done.args[1], done.args[2]));
        if (!holder || holder->value != done.args[0])
            judge.fail("election", done.args[2] + ": proclaimed by one who does not lead");
    }
    const auto shown = (*done.answer)[0].as_text();
    if (done.what.name == "lock/observe" && !shown.empty() && (!holder || holder->value != shown))
        judge.fail("election",
                   "an observer is shown " + std::string(shown) + ", who does not lead");
    if (is_healed()) look_around();
}

leader election_workload::truth() {
    const auto holder = text_at(home.server, office().str());
    const auto said = fields_at(home.server, side_key_of(office(), home.store_options.prefix, 'v'));
    if (!holder || !said.contains("owner") || said.at("owner") != holder->value) return {};
    const auto fence = number<std::uint64_t>(said.at("fence"));
    return leader_info{holder->value, fencing_token(fence), said.at("value")};
}

void election_workload::healed() {
    checked_crowd::healed();
    true_since_ = now() + seconds{75};  // connections come back first
    auto look = std::make_shared<std::function<void()>>();
    *look = [this, weak = std::weak_ptr(look)] {
        look_around();
        if (const auto again = weak.lock()) home.space.after(look_every, [again] { (*again)(); });
    };
    (*look)();
}

// Everybody who watches knows the leader soon.
void election_workload::look_around() {
    if (const auto is = truth(); is != true_leader_) {
        true_leader_ = is;
        true_since_ = std::max(true_since_, now());
    }
    if (now() - true_since_ <= noticed_within) return;
    for (const auto& [node, seen] : sights_)
        if (!seen.looked || seen.who != true_leader_)
            judge.fail("election", node + " still sees " + text_of(seen.who) + " and not " +
                                       text_of(true_leader_));
}

}  // namespace

std::unique_ptr<workload> make_election_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<election_workload>(of, to, draws);
}

}  // namespace holdfast::sim
