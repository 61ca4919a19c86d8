// One latch after the other: everybody sets it up, counts it down under its own name, and waits.
#include "holdfast/latch.hpp"
#include "sim/lock/crowd_workload.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace holdfast::sim {
namespace {

constexpr milliseconds kept{600000};
constexpr nanoseconds notice = seconds{1};  // once healed
constexpr nanoseconds settled_after = seconds{90};
constexpr std::uint64_t owed_after_healing = 3;

/// What the store has answered about one latch.
struct latch_truth {
    std::int64_t count = 0;
    std::set<std::string> tokens;
    std::optional<steady_time> opened_at = {};
    steady_time used_at{};
    bool forgotten = false;  // perhaps: the store lost data or time since
};

class latch_workload final : public crowd_workload {
public:
    latch_workload(simulation::fleet& of, referee& to, random draws)
        : crowd_workload(of, to, draws,
                         {.rest = seconds{15},
                          .short_rest = seconds{15},
                          .unknown = {{"lock/latch_count_down", "latch: count without a reply"},
                                      {"lock/latch_create", "latch: created without a reply"},
                                      {"lock/latch_wait", "latch: asked without a reply"}}}) {}

    void on_script(const executed& done) override;
    void healed() override {
        crowd_workload::healed();
        passed_at_healing_ = round_;
    }
    void finish() override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<bool> take_part(process& self, async_latch& one, const std::string& name);
    void on_created(latch_truth& of, const executed& done);
    void on_count(latch_truth& of, const executed& done);
    void on_wait(latch_truth& of, const executed& done);
    void check_open(const std::string& name, steady_time waits_since);
    bool disturbed(const latch_truth& of) const {
        return of.forgotten || home.server.disturbed_at() >= of.used_at;
    }

    std::uint64_t round_ = 1;  // the first latch that nobody has found open yet
    std::uint64_t passed_at_healing_ = 0;
    std::map<std::string, latch_truth> latches_;
};

task<void> latch_workload::turn(process& self, locker& locks, const std::string&) {
    const auto round = round_;
    const auto name = "latch-" + std::to_string(round);
    async_latch one(locks, lock_name(name));
    auto taking_part = take_part(self, one, name);
    const bool opened = co_await std::move(taking_part);
    if (opened) round_ = std::max(round_, round + 1);
}

// Everything may be repeated, by a later incarnation too: the token is the node's name.
task<bool> latch_workload::take_part(process& self, async_latch& one, const std::string& name) {
    const auto nodes = static_cast<std::int64_t>(home.space.nodes().size());
    const auto made = co_await one.create(nodes, lease_ttl(kept));
    if (!made) co_return false;
    const latch_token mine(self.node);
    for (auto times = 1 + draws_.below(2); times > 0; --times) co_await one.count_down(mine);
    if (draws_.chance(300'000)) co_return false;  // it has counted, and does not care
    const auto until = self.rt.now() + some(seconds{40});
    const auto since = now();
    auto waiting = one.wait(until);
    const auto open = co_await std::move(waiting);
    if (!open) {
        judge.mark(open.error() == errc::not_found ? "latch: forgotten" : "latch: not in time");
        co_return false;
    }
    check_open(name, since);
    co_return true;
}

// Whoever was told that it is open comes after the last count; who had waited for that is woken.
void latch_workload::check_open(const std::string& name, steady_time waits_since) {
    const auto& of = latches_[name];
    if (disturbed(of)) return;
    if (!of.opened_at) {
        judge.fail("latch", name + " was found open and has " + std::to_string(of.tokens.size()) +
                                " of " + std::to_string(of.count));
        return;
    }
    const bool settled = is_healed() && waits_since - healed_at() > settled_after;
    if (settled && *of.opened_at > waits_since + notice && now() - *of.opened_at > notice)
        judge.fail("latch", name + " opened, and nobody was woken");
}

void latch_workload::on_script(const executed& done) {
    if (done.keys.empty() || !done.keys[0].starts_with("latch-") || !done.answer) return;
    auto& of = latches_[done.keys[0]];
    of.forgotten = of.forgotten || disturbed(of);
    if (done.what.name == "lock/latch_create") on_created(of, done);
    if (done.what.name == "lock/latch_count_down") on_count(of, done);
    if (done.what.name == "lock/latch_wait") on_wait(of, done);
    of.used_at = now();
}

void latch_workload::on_created(latch_truth& of, const executed& done) {
    if (done.answer->as_integer() != 1) return;
    if (of.count > 0 && !of.forgotten && now() - of.used_at < kept)
        judge.fail("latch", done.keys[0] + " was set up a second time");
    of = {};
    of.count = std::stoll(done.args[0]);
}

void latch_workload::on_count(latch_truth& of, const executed& done) {
    const auto status = (*done.answer)[0].as_integer();
    const auto left = (*done.answer)[1].as_integer();
    if (status < 0 || of.forgotten) return;
    const bool fresh = !of.opened_at && of.tokens.insert(done.args[0]).second;
    if (!fresh) judge.mark("latch: counted again");
    const auto counted = static_cast<std::int64_t>(of.tokens.size());
    if ((status == 1) != fresh || left != of.count - counted)
        judge.fail("latch", done.keys[0] + ": " + done.args[0] + " makes " + std::to_string(left) +
                                " left of " + std::to_string(of.count) + " after " +
                                std::to_string(counted));
    if (counted == of.count && !of.opened_at) of.opened_at = now();
}

void latch_workload::on_wait(latch_truth& of, const executed& done) {
    const auto status = (*done.answer)[0].as_integer();
    if (status < 0 || of.forgotten) return;
    if ((status == 1) != of.opened_at.has_value())
        judge.fail("latch", done.keys[0] + (status == 1 ? " opened before all had counted"
                                                        : " is closed again"));
}

void latch_workload::finish() {
    if (round_ < passed_at_healing_ + owed_after_healing)
        judge.fail("progress", "only " + std::to_string(round_ - passed_at_healing_) +
                                   " latches opened since everything was healed");
}

}  // namespace

std::unique_ptr<workload> make_latch_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<latch_workload>(of, to, draws);
}

}  // namespace holdfast::sim
