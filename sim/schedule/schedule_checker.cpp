// The promises of docs/guarantees.md about firings, checked on the true clock.
#include "sim/schedule/schedule_checker.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::sim {
namespace {

// Presence, leases, back-off and roll-outs of the bad time.
constexpr nanoseconds settled_after = minutes{4};
constexpr minutes may_still_run{2};
constexpr minutes may_still_wait{6};  // what was asked for, behind runs of the schedule that last
constexpr nanoseconds claimed_before_begun = seconds{30};
constexpr milliseconds clocks_may_differ{2000};
constexpr nanoseconds between_attempts = seconds{10};

std::string minute(std::int64_t fire_time) {
    constexpr std::int64_t whole = 60'000;
    return std::to_string(fire_time / whole) + (fire_time % whole == 0 ? " min" : " min and more");
}

}  // namespace

void schedule_checker::on_script(const executed& done) {
    const auto name = done.what.name;
    if (!name.starts_with("schedule/") || !done.answer) return;
    if (name == "schedule/claim" && done.args.size() >= 17) on_claim(done);
    if (name == "schedule/skip" && done.args.size() >= 9) on_skip(done);
    if (name == "schedule/start" && (*done.answer)[0].as_text() == "STARTED")
        started_.insert(done.args[0]);
    if (name == "schedule/adopt" && done.args.size() >= 12) on_adopt(done);
    if (name == "schedule/ask") on_ask(done);
    if (name == "schedule/pause") on_pause(done);
    if (name == "schedule/take") on_take(done);
    if (name == "schedule/enrol") definitions_.on_enrol(done);
    if (name == "schedule/claim") remember(done, done.args[16]);
    if (name == "schedule/skip") remember(done, done.args[8]);
}

void schedule_checker::on_claim(const executed& done) {
    const auto code = (*done.answer)[0].as_text();
    const auto& job = done.args[16];
    const auto fire_time = number(done.args[0]);
    if (code == "SKEW") judge_.mark("schedule: clocks too far apart");
    if (code == "BEHIND") judge_.mark("schedule: missed fire times counted by who was behind");
    if (code != "CLAIMED" && code != "OVERLAPPED") return;
    const settlement step{job,
                          done.keys[3],
                          grid_of(job, done.keys[0]),
                          fire_time,
                          number(done.args[12]),
                          number(done.args[11]),
                          static_cast<std::uint64_t>(number(done.args[13])),
                          number(done.args[6]),
                          true};
    if (code == "OVERLAPPED") {
        check_going_back(step);
        return on_settled(step);
    }
    auto& of = firings_[{job, fire_time}];
    if (of.token == done.args[1]) {
        judge_.mark("schedule: claim repeated after a lost reply");
        return;
    }
    definitions_.on_claim(done, number(done.args[7]));
    check_going_back(step);
    if ((fire_time - step.grid) % period_ != 0)
        judge_.fail("identity", job + " was claimed for " + minute(fire_time));
    if (field_at(home_.server, done.keys[0], "paused"))
        judge_.fail("pause", job + " was claimed while it was paused");
    const auto losses = home_.server.losses();
    const bool again = of.losses == losses && of.claimed_at >= registers_[job].went_back_at;
    if (!of.token.empty() && of.losses == losses && !again)
        judge_.mark("schedule: fired again after all clocks went back");
    if (!of.token.empty() && again)
        judge_.fail("one claim", job + " at " + minute(fire_time) + " was claimed twice, by " +
                                     done.by.name() + " the second time");
    of = {done.args[1], done.args[1], losses, home_.space.now(), again ? of.begun : 0};
    const auto& known = registers_[job];
    if (known.last > 0 && known.losses == losses)
        check_policy(step, known.last, number(done.args[4]));
    on_settled(step);
    on_fence(job, (*done.answer)[1].as_integer());
}

void schedule_checker::on_skip(const executed& done) {
    if ((*done.answer)[0].as_text() != "SETTLED") return;
    judge_.mark("schedule: fire times skipped");
    const auto& job = done.args[8];
    on_settled({job, done.keys[1], grid_of(job, done.keys[0]), number(done.args[0]),
                number(done.args[1]), number(done.args[0]),
                static_cast<std::uint64_t>(number(done.args[2])), 0, false});
}

// A run may be given up only after the store has marked its start: the answer can be lost on its
// way, and then nobody has begun what nobody else may begin any more.
void schedule_checker::on_adopt(const executed& done) {
    const auto code = (*done.answer)[0].as_text();
    if (code != "ADOPTED" && code != "ABANDONED") return;
    const auto& job = done.args[11];
    const auto fire_time = (*done.answer)[2].as_integer();
    const auto found = firings_.find({job, fire_time});
    if (code == "ADOPTED") {
        judge_.mark("schedule: claim adopted after a crash");
        if (found != firings_.end()) found->second.holder = done.args[1];
        return;
    }
    if (found == firings_.end() || found->second.losses != home_.server.losses()) return;
    if (!started_.contains(found->second.holder))
        judge_.fail("progress", job + " at " + minute(fire_time) +
                                    " was given up, and its start was never marked");
    found->second.given_up = true;
    if (found->second.begun == 0) judge_.mark("schedule: given up, its start never heard of");
}

void schedule_checker::on_take(const executed& done) {
    if ((*done.answer)[0].as_text() != "CLAIMED") return;
    const auto& token = done.args[0];
    const auto run = field_at(home_.server, done.keys[2], token).value_or("");
    constexpr std::string_view kind = "\tmanual ";
    const auto from = run.find(kind) + kind.size();
    const auto request = run.substr(from, run.find('\t', from) - from);
    auto& of = manual_[request];
    if (of.token == token) return;
    definitions_.on_claim(done, number(done.args[3]));
    const auto losses = home_.server.losses();
    if (!of.token.empty() && of.losses == losses && home_.server.stepped_at() < of.taken_at)
        judge_.fail("one claim", request + " was asked for once and taken twice");
    judge_.mark("schedule: run that somebody asked for");
    of = {done.args[7], token, losses, of.promised_at, home_.space.now()};
    firings_[{of.job, (*done.answer)[2].as_integer()}] = {token, token, losses, of.taken_at};
    on_fence(of.job, (*done.answer)[1].as_integer());
}

// Fire times of the pause are not owed, and the ledger says so.
void schedule_checker::on_pause(const executed& done) {
    const auto& job = done.args[2];
    const auto code = (*done.answer)[0].as_text();
    if (code == "MISSING") return;
    const auto before = registers_[job];
    remember(done, job);
    const auto& after = registers_[job];
    if (code == "PAUSED") judge_.mark("schedule: paused");
    if (after.paused || !before.paused || before.losses != after.losses) return;
    if (after.last <= before.last) return;  // it was paused for no time, or by a clock ahead
    const auto entries = members_at(home_.server, done.keys[1], static_cast<double>(after.last));
    const bool told = std::ranges::any_of(
        entries, [](const auto& entry) { return entry.starts_with("missed\t"); });
    if (!told) judge_.fail("accounting", job + ": a pause is not in the ledger");
}

// The clock of cron has whole seconds.
std::int64_t schedule_checker::grid_of(const std::string& job, std::string_view key) const {
    if (!jobs_.at(job).from_anchor) return 0;
    constexpr std::int64_t whole = 1000;
    return number(field_at(home_.server, key, "anchor").value_or("")) / whole * whole;
}

void schedule_checker::on_ask(const executed& done) {
    if ((*done.answer)[0].as_text() != "ASKED") return;
    auto& of = manual_[done.args[0]];
    if (!of.token.empty()) return;  // taken already, and this is a repeat
    of.job = done.args[2];
    of.losses = home_.server.losses();
}

// A register goes back only with the store's clock, when an earlier reading has left it in the
// future. What it knew of later fire times is then not believed any more: those were fired ahead of
// their time, or are now due once more.
void schedule_checker::check_going_back(const settlement& step) {
    auto& known = registers_[step.job];
    if (known.last < step.fire_time || known.losses != home_.server.losses()) return;
    if (from_unix_ms(known.last) <= home_.server.clock() + clocks_may_differ)
        judge_.fail("one claim", step.job + ": the register went back from " + minute(known.last) +
                                     " to " + minute(step.fire_time));
    known.went_back_at = home_.space.now();
    known.forgotten = std::max(known.forgotten, known.last);
}

// Every fire time between the one settled before and this one is in the ledger as missed, once.
void schedule_checker::on_settled(const settlement& step) {
    const auto& known = registers_[step.job];
    const bool healed = step.fire_time <= known.last;  // the register was in the future
    if (known.last == 0 || known.losses != home_.server.losses() || healed) return;
    if (step.floor > known.last) return;  // a caller knew better: data was lost before
    if (step.grid != known.grid) return;
    const auto base = step.oldest_missed - period_;
    if (!step.claimed && base > known.last && base <= known.forgotten) return;  // the same
    const auto passed = between(known.last, step.fire_time, step.grid) + (step.claimed ? 0 : 1);
    if (passed > 0) judge_.mark("schedule: fire times missed");
    if (static_cast<std::uint64_t>(passed) != step.missed)
        judge_.fail("accounting", step.job + ": between " + minute(known.last) + " and " +
                                      minute(step.fire_time) + " " + std::to_string(passed) +
                                      " passed and " + std::to_string(step.missed) +
                                      " were recorded");
    const auto entries =
        members_at(home_.server, step.ledger, static_cast<double>(step.newest_missed));
    const bool told = std::ranges::any_of(
        entries, [](const auto& entry) { return entry.starts_with("missed\t"); });
    if (passed > 0 && !told)
        judge_.fail("accounting", step.job + ": " + std::to_string(passed) + " up to " +
                                      minute(step.newest_missed) + " are not in the ledger");
    if (passed > 0 && step.oldest_missed <= known.last)
        judge_.fail("accounting", step.job + ": " + minute(step.oldest_missed) +
                                      " was recorded as missed, and it was settled before");
}

// What runs is not later than its policy allows, and nothing was passed over that it would run.
void schedule_checker::check_policy(const settlement& step, std::int64_t before,
                                    std::int64_t callers_clock) {
    if (step.fire_time <= before || step.floor > before) return;
    const auto& promised = jobs_.at(step.job);
    const auto runs = [&](std::int64_t fire_time) {
        const bool newest = between(fire_time, callers_clock + 1, step.grid) < promised.catches_up;
        return newest || callers_clock - fire_time <= promised.threshold.count();
    };
    if (!runs(step.fire_time))
        judge_.fail("misfire", step.job + " was run for " + minute(step.fire_time) + ", " +
                                   std::to_string(callers_clock - step.fire_time) + " ms late");
    const auto passed_over = step.fire_time - period_;
    if (passed_over > before && promised.catches_up > 1 && runs(passed_over))
        judge_.fail("misfire", step.job + " was run for " + minute(step.fire_time) +
                                   " and not for the fire time before");
}

// Excused: data was lost and the store's clock is behind what it showed before.
void schedule_checker::on_fence(const std::string& job, std::int64_t fence) {
    auto& known = registers_[job];
    const bool excused = known.fence_losses != home_.server.losses();
    if (fence <= known.highest_fence && !excused)
        judge_.fail("fence", job + ": " + std::to_string(fence) + " came after " +
                                 std::to_string(known.highest_fence));
    known.highest_fence = fence;
    known.fence_losses = home_.server.losses();
}

void schedule_checker::remember(const executed& done, const std::string& job) {
    const auto last = field_at(home_.server, done.keys[0], "last");
    auto& known = registers_[job];
    if (known.losses != home_.server.losses())
        known.forgotten = std::max(known.forgotten, known.last);
    known.last = last ? number(*last) : 0;
    known.grid = grid_of(job, done.keys[0]);
    known.paused = field_at(home_.server, done.keys[0], "paused").has_value();
    known.losses = home_.server.losses();
    if (done.keys.size() > 3) ledgers_[job] = done.keys[3];
}

std::shared_ptr<work_under_way> schedule_checker::on_begin(const process& by, node& host,
                                                           const job_context& context) {
    const auto& id = context.firing();
    auto& of = firings_[{id.job.str(), to_unix_ms(id.fire_time)}];
    ++of.begun;
    const bool moved = std::exchange(of.begun_on, by.node) != by.node;
    if (context.attempt() > 1)
        judge_.mark(moved ? "schedule: run again by another instance"
                          : "schedule: tried again after a failure");
    if (jobs_.at(id.job.str()).at_most_once && of.begun > 1 && of.losses == home_.server.losses())
        judge_.fail("at most once", id.key() + " was begun again on " + by.node);
    auto& works = registers_[id.job.str()].works;
    const bool healed = healed_at_ < steady_time::max();
    std::erase_if(works, [&](const auto& one) { return one->over() && !healed; });
    for (const auto& other : works) {
        if (other->over()) continue;
        if (jobs_.at(id.job.str()).overlaps) {
            judge_.mark("schedule: ran beside another run");
            continue;
        }
        const bool frozen = other->host.paused() || other->host.crashed();
        if (!frozen && !disturbed_since(other->begun_at - claimed_before_begun))
            judge_.fail("overlap", id.key() + " began on " + by.node + " while a run on " +
                                       other->host.name() + " goes on");
    }
    auto mine = std::make_shared<work_under_way>(host, home_.space.now());
    works.push_back(mine);
    return mine;
}

void schedule_checker::check_ledger(const std::string& job, std::int64_t fire_time) {
    const auto entries = members_at(home_.server, ledgers_[job], static_cast<double>(fire_time));
    const bool told = std::ranges::any_of(entries, [](const auto& entry) {
        return entry.starts_with("run\t") && entry.find("\thanded_over\t") == entry.npos;
    });
    if (!told)
        judge_.fail("accounting",
                    job + " at " + minute(fire_time) + " has run and is not in the ledger");
}

void schedule_checker::on_healed() {
    healed_at_ = home_.space.now();
    for (auto& [job, known] : registers_) known.at_healing = known.last;
}

bool schedule_checker::settled() const {
    return healed_at_ < steady_time::max() && home_.space.now() > healed_at_ + settled_after;
}

void schedule_checker::finish() {
    const auto end = home_.space.now() - may_still_run;
    for (const auto& [key, of] : firings_) {
        if (of.token.empty() || of.claimed_at >= end || of.losses != home_.server.losses())
            continue;
        const bool excused = of.given_up && jobs_.at(key.first).at_most_once;
        if (of.begun == 0 && !excused)
            judge_.fail("progress",
                        key.first + " at " + minute(key.second) + " was claimed and never begun");
        if (of.claimed_at > healed_at_) check_ledger(key.first, key.second);
    }
    for (const auto& [request, of] : manual_)
        if (of.token.empty() && of.promised_at < home_.space.now() - may_still_wait &&
            of.losses == home_.server.losses())
            judge_.fail("progress", of.job + ": " + request + " was asked for and never taken");
    for (const auto& [job, promised] : jobs_) check_what_fell_due(job);
}

// What clocks that were ahead had settled is not owed again, unless the register is still in the
// future when it falls due: then it goes back. What falls due during a run gives way to it.
void schedule_checker::check_what_fell_due(const std::string& job) {
    const auto& known = registers_[job];
    const auto now = home_.space.now();
    const auto first = to_unix_ms(home_.space.wall_now() - std::chrono::floor<microseconds>(
                                                               now - healed_at_ - settled_after));
    const auto last = to_unix_ms(home_.space.wall_now()) - milliseconds(may_still_run).count();
    auto due = known.grid + (periods(first - known.grid) + 1) * period_;
    for (; due <= last; due += period_) {
        const auto when = now - (home_.space.wall_now() - from_unix_ms(due));
        const bool busy = std::ranges::any_of(known.works, [&](const auto& one) {
            return one->begun_at <= when + clocks_may_differ &&
                   (!one->over() || when < one->ended_at + between_attempts);
        });
        const auto found = firings_.find({job, due});
        const bool ran = found != firings_.end() && found->second.begun > 0;
        if (!ran && !busy && due != known.at_healing)
            judge_.fail("progress",
                        job + " at " + minute(due) + " fell due after healing and did not run");
    }
}

}  // namespace holdfast::sim
