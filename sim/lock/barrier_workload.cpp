// Nodes that meet at a barrier again and again; some do not come, some die while they wait.
#include "holdfast/barrier.hpp"
#include "lock/lock_keys.hpp"
#include "sim/lock/crowd_workload.hpp"
#include "sim/world/store_view.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace holdfast::sim {
namespace {

constexpr milliseconds ttl{12000};
constexpr std::uint64_t owed_after_healing = 3;

lock_name meeting() { return lock_name("barrier"); }

/// One generation as the store's answers show it: attempts by the end of their lease.
struct generation_truth {
    std::map<std::string, wall_time> arrived;
    std::uint64_t returned = 0;  // how many clients were told that it passed
    enum class state { open, passed, broken } outcome = state::open;
    steady_time ended_at{};
};

// How long and over how many generations the outcome is to be known.
constexpr nanoseconds outcome_known_for = minutes{9};
constexpr std::uint64_t generations_known = 8;

class barrier_workload final : public crowd_workload {
public:
    barrier_workload(simulation::fleet& of, referee& to, random draws)
        : crowd_workload(
              of, to, draws,
              {.rest = seconds{15},
               .short_rest = seconds{15},
               .unknown = {{"lock/barrier_arrive", "barrier: arrived without a reply"}}}),
          parties_(static_cast<std::uint32_t>(std::min<std::size_t>(of.options.nodes, 3))) {}

    void on_script(const executed& done) override;
    void on_loss() override;
    void healed() override {
        crowd_workload::healed();
        passed_ = 0;
    }
    void finish() override;

private:
    using state = generation_truth::state;
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    void on_arrival(const executed& done);
    void on_passed(const std::string& id, std::uint64_t generation);
    void on_broken(const std::string& id);
    void on_forgotten(const std::string& id);
    void on_returned(const std::string& node, std::uint64_t generation);

    std::uint32_t parties_;
    std::uint64_t passed_ = 0;
    std::map<std::uint64_t, generation_truth> generations_;
    std::uint64_t known_from_ = 0;  // earlier generations may have been forgotten
    std::map<std::string, std::uint64_t> last_passed_;  // by node
};

task<void> barrier_workload::turn(process& self, locker& locks, const std::string& who) {
    async_barrier meet(locks, meeting(), parties_, lease_ttl(ttl));
    const auto until = patience(self);
    auto arriving = meet.arrive(until);
    const auto passed = co_await std::move(arriving);
    if (passed)
        on_returned(who, *passed);
    else if (passed.error() == errc::lease_lost)
        judge.mark("barrier: broke");
    else
        judge.mark("barrier: not in time");
}

// What the store forgets may come again: generations go back, and those who arrived are fewer.
void barrier_workload::on_loss() {
    generations_.clear();
    const auto number = field_at(home.server, meeting().str(), "generation");
    known_from_ = number ? std::stoull(*number) : 0;
    if (!number) return;
    auto& of = generations_[known_from_];
    for (const auto& [member, ends] :
         scores_at(home.server, side_key_of(meeting(), home.store_options.prefix, 's')))
        of.arrived[member.substr(0, member.find('|'))] =
            from_unix_ms(static_cast<std::int64_t>(ends));
}

// Only while the store forgets nothing are its generations one sequence.
void barrier_workload::on_returned(const std::string& node, std::uint64_t generation) {
    judge.mark("barrier: passed");
    ++passed_;
    if (home.server.losses() > 0) return;
    if (generation <= last_passed_[node])
        judge.fail("barrier", node + " passed generation " + std::to_string(generation) +
                                  " after " + std::to_string(last_passed_[node]));
    last_passed_[node] = generation;
    auto& of = generations_[generation];
    if (of.outcome != state::passed || ++of.returned > parties_)
        judge.fail("barrier", node + " went on in generation " + std::to_string(generation) +
                                  ", as number " + std::to_string(of.returned));
}

void barrier_workload::on_script(const executed& done) {
    if (done.keys.empty() || done.keys[0] != meeting().str() || !done.answer) return;
    if (done.what.name == "lock/barrier_break" && done.answer->as_integer() == 1) {
        judge.mark("barrier: left by one who had come");
        on_broken(done.args[0]);
    }
    if (done.what.name == "lock/barrier_arrive") on_arrival(done);
}

void barrier_workload::on_arrival(const executed& done) {
    const auto& id = done.args[0];
    const auto status = (*done.answer)[0].as_integer();
    const auto ends = home.server.clock() + milliseconds{std::stoll(done.args[1])};
    if (status == -2) on_broken(id);
    if (status == -4) on_forgotten(id);
    if (status == 1) {
        const auto generation = static_cast<std::uint64_t>((*done.answer)[1].as_integer());
        auto& of = generations_[generation];
        if (of.outcome == state::open) of.arrived[id] = ends;
        on_passed(id, generation);
    }
    if (status != 0) return;
    const auto generation = number<std::uint64_t>((*done.answer)[4].as_text());
    auto& of = generations_[generation];
    of.arrived[id] = ends;
    if (of.outcome != state::open)
        judge.fail("barrier", "generation " + std::to_string(generation) + " is over and goes on");
    for (const auto& [other, until] : of.arrived)
        if (until <= home.server.clock())
            judge.fail("barrier", other + " is dead and still waited for");
}

// All have come, each exactly once, and none of them was dead.
void barrier_workload::on_passed(const std::string& id, std::uint64_t generation) {
    auto& of = generations_[generation];
    const bool first = of.outcome == state::open;
    if (first) of.ended_at = now();
    const bool seen = of.arrived.contains(id) || generation < known_from_;
    if (of.outcome == state::broken || !seen)
        judge.fail("barrier", id + " passed generation " + std::to_string(generation) +
                                  ", which broke or had not seen it");
    of.outcome = state::passed;
    if (!first || generation < known_from_) return;
    if (of.arrived.size() != parties_)
        judge.fail("barrier", "generation " + std::to_string(generation) + " passed with " +
                                  std::to_string(of.arrived.size()) + " of " +
                                  std::to_string(parties_));
    for (const auto& [other, until] : of.arrived)
        if (until <= home.server.clock())
            judge.fail("barrier", other + " was dead when all were said to have come");
}

void barrier_workload::on_broken(const std::string& id) {
    for (auto& [number, of] : generations_) {
        if (!of.arrived.contains(id)) continue;
        if (of.outcome == state::passed)
            judge.fail("barrier", id + " is told that generation " + std::to_string(number) +
                                      " broke, which others passed");
        if (of.outcome == state::open) of.ended_at = now();
        of.outcome = state::broken;
    }
}

// Only a store that lost data or whose clock stepped may forget so soon.
void barrier_workload::on_forgotten(const std::string& id) {
    judge.mark("barrier: outcome forgotten");
    for (const auto& [number, of] : generations_) {
        if (!of.arrived.contains(id) || of.outcome == state::open) continue;
        const bool long_ago = now() - of.ended_at > outcome_known_for ||
                              number + generations_known < generations_.rbegin()->first;
        if (!long_ago && home.server.disturbed_at() < of.ended_at)
            judge.fail("barrier",
                       id + " is not told how generation " + std::to_string(number) + " ended");
    }
}

void barrier_workload::finish() {
    if (passed_ < owed_after_healing * parties_)
        judge.fail("progress", "only " + std::to_string(passed_) +
                                   " parties went on since everything was healed");
}

}  // namespace

std::unique_ptr<workload> make_barrier_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<barrier_workload>(of, to, draws);
}

}  // namespace holdfast::sim
