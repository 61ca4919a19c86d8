// The promises of docs/guarantees.md 3a that concern one lock and its holder.
#include "sim/lock/terms_checker.hpp"

#include "sim/world/store_view.hpp"

#include <utility>

namespace holdfast::sim {
namespace {

constexpr nanoseconds settled_after = seconds{90};  // once healed, no push is lost
constexpr nanoseconds hears_within = seconds{2};
constexpr nanoseconds rounding = milliseconds{2};

bool says(const executed& done, std::string_view script, std::int64_t answer) {
    return done.what.name == script && done.answer && done.answer->is_integer() &&
           done.answer->as_integer() == answer;
}

/// Held by the caller from now on, for a whole lease.
bool confirms(const executed& done) {
    const bool granted = done.what.name == "lock/acquire" && done.answer &&
                         done.answer->is_integer() && done.answer->as_integer() > 0;
    return granted || says(done, "lock/extend", 1);
}

}  // namespace

void terms_checker::on_script(const executed& done) {
    if (done.keys.empty() || !done.keys[0].starts_with(prefix_)) return;
    auto& of = tenures_[done.keys[0]];
    note_end(done, of);
    note_holder(done, of);
    if (says(done, "lock/revoke", 1)) check_asked(done, of);
}

void terms_checker::note_end(const executed& done, tenure& of) {
    const bool broken =
        done.what.name == "lock/force_break" && done.answer && (*done.answer)[0].as_integer() == 1;
    const bool given_back = says(done, "lock/release", 1) || says(done, "lock/cancel_wait", 2);
    if ((broken || given_back) && done.args[0] == of.holder) of.ended = true;
}

void terms_checker::note_holder(const executed& done, tenure& of) {
    const auto held = text_at(home_.server, done.keys[0]);
    if (held && held->value != of.holder) {
        const auto before = std::exchange(of, tenure{held->value});
        check_cool_down(done.keys[0], before);
    }
    if (!held || !confirms(done) || done.args[0] != of.holder) return;
    of.confirmed_at = home_.space.now();
    if (!of.claimed_at) of.claimed_at = of.confirmed_at;
}

// What a holder was never told of is not kept for it.
void terms_checker::check_cool_down(const std::string& name, const tenure& before) {
    const auto agreed = agreed_.find(before.holder);
    if (agreed == agreed_.end() || before.ended) return;
    if (before.confirmed_at <= home_.server.disturbed_at()) return;
    const auto& [ttl, cool_down] = agreed->second;
    const auto since = home_.space.now() - before.confirmed_at;
    if (since + rounding < ttl + cool_down)
        judge_.fail("cool-down", name + " went to another " + std::to_string(since.count()) +
                                     " ns after its holder was last heard of, who had agreed on " +
                                     std::to_string((ttl + cool_down).count()) + " ms");
    if (cool_down > milliseconds{0}) judge_.mark("options: cooled down");
}

// Nothing is taken from who is asked.
void terms_checker::check_asked(const executed& done, const tenure& of) {
    asked_.insert(of.holder);
    const auto held = text_at(home_.server, done.keys[0]);
    if (!held) judge_.fail("asked", done.keys[0] + " is not held after asking for it");
    const auto agreed = agreed_.find(of.holder);
    if (held && held->left && agreed != agreed_.end() &&
        of.confirmed_at > home_.server.disturbed_at()) {
        const auto rest =
            agreed->second.ttl + agreed->second.cool_down - (home_.space.now() - of.confirmed_at);
        if (*held->left + rounding < rest)
            judge_.fail("asked", done.keys[0] + " was shortened by asking for it");
    }
    if (healed_at_ && home_.space.now() - *healed_at_ > settled_after)
        expect_to_hear(done.keys[0], of.holder);
}

// A rollback puts those back into the queue who have long left: their turn is nobody's.
void terms_checker::expect_to_hear(const std::string& name, const std::string& owner) {
    home_.space.after(hears_within, [this, name, owner] {
        const auto& of = tenures_[name];
        const bool has_it = of.holder == owner && !of.ended && of.claimed_at &&
                            *of.claimed_at <= home_.space.now() - hears_within / 2;
        if (has_it && !heard_.contains(owner))
            judge_.fail("asked", owner + " was asked for " + name + " and has not heard of it");
    });
}

void terms_checker::on_event(const process& by, const event& happened) {
    if (happened.kind != event_kind::revoke_requested || !happened.subject.starts_with(prefix_))
        return;
    judge_.mark("options: asked to give up");
    heard_.emplace(happened.who);
    if (!asked_.contains(std::string(happened.who)))
        judge_.fail("asked", by.node + " was asked for " + std::string(happened.subject) +
                                 ", which nobody wanted");
}

void terms_checker::on_loss() {
    for (auto& [name, of] : tenures_) {
        const auto held = text_at(home_.server, name);
        of = tenure{held ? held->value : std::string()};
    }
}

}  // namespace holdfast::sim
