// The promises of docs/guarantees.md 1 to 3, checked on the true clock.
#include "sim/lock/lock_checker.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::sim {
namespace {

// Once healed, a push arrives; without pushes a waiter would notice at its next heartbeat.
constexpr nanoseconds notice_of_grant = seconds{1};
constexpr nanoseconds settled_after = seconds{90};

bool of_several(std::string_view script) {
    return script == "lock/take_all" || script == "lock/release_all";
}

// Each with four keys a lock: itself, its queue, its fence counter, its side key.
bool grants(std::string_view script) {
    return script == "lock/acquire" || script == "lock/release" || script == "lock/cancel_wait" ||
           script == "lock/force_break" || script == "lock/resign" || script == "lock/accept" ||
           of_several(script);
}

}  // namespace

lock_checker::lock_state& lock_checker::state_of(const std::string& name) {
    return locks_.try_emplace(name, fence_ledger(name, home_.server, judge_)).first->second;
}

std::shared_ptr<believer> lock_checker::on_belief(node& by, const lease& what) {
    auto& lock = state_of(what.name().str());
    std::erase_if(lock.believers, [](const auto& who) { return who->over || !who->exists(); });
    auto fresh = std::make_shared<believer>(by, what);
    lock.believers.push_back(fresh);
    check_alone(lock, *fresh);
    check_with_store(*fresh);
    return fresh;
}

// What a believer was told before may be void: the store lost its writes, or its clock went ahead
// and freed the lock. Only fences protect then. Which of the two believed first says nothing: an
// answer may have waited for a process that was paused.
void lock_checker::check_alone(const lock_state& of, const believer& fresh) {
    if (!fresh.believes() || was_broken(fresh)) return;  // it will hear of the break as well
    for (const auto& other : of.believers) {
        if (other.get() == &fresh || !other->believes() || was_broken(*other)) continue;
        if (other->disturbed(home_.server) || fresh.disturbed(home_.server)) {
            judge_.mark("lock: two believers after the store lost data or time");
            continue;
        }
        judge_.fail("exclusion", fresh.claim.name().str() + " is valid on " + fresh.host.name() +
                                     " and " + other->host.name());
    }
}

// A holder stops believing before the store forgets.
void lock_checker::check_with_store(const believer& who) {
    if (!who.believes() || who.disturbed(home_.server) || was_broken(who)) return;
    const auto held = text_at(home_.server, who.claim.name().str());
    if (!held || held->value != who.claim.owner().str()) {
        judge_.fail("exclusion", who.host.name() + " believes in " + who.claim.name().str() +
                                     ", which the store has given to " +
                                     (held ? held->value : std::string("nobody")));
        return;
    }
    // The store rounds to milliseconds.
    if (held->left && who.left() > *held->left)
        judge_.fail("exclusion", who.host.name() + " believes in " + who.claim.name().str() +
                                     " for " + std::to_string((who.left() - *held->left).count()) +
                                     " ns longer than the store");
}

void lock_checker::on_kept(believer& who, steady_time valid_until) {
    if (!who.claim.valid(who.host.now()))
        judge_.fail("lost", who.host.name() + " was told that its lease on " +
                                who.claim.name().str() + ", which was over, is valid again");
    on_extended(who, valid_until);
}

void lock_checker::on_extended(believer& who, steady_time valid_until) {
    who.extend(valid_until);
    check_with_store(who);
}

bool lock_checker::check_told(const believer& who, bool told, bool told_late) {
    const bool late = !told && !who.over && !who.claim.valid(who.host.now());
    if (late && told_late)
        judge_.fail("lost", who.host.name() + " was never told that its lease on " +
                                who.claim.name().str() + " is over");
    return late;
}

void lock_checker::on_thrown_out(const std::string& name, const std::string& owner) {
    auto& lock = state_of(name);
    lock.holder.clear();  // the one thrown out may come again
    lock.broken[owner] = home_.server.losses();
}

bool lock_checker::was_broken(const believer& who) const {
    const auto lock = locks_.find(who.claim.name().str());
    return lock != locks_.end() && lock->second.broken.contains(who.claim.owner().str());
}

void lock_checker::on_released(const believer& who) {
    const auto& owner = who.claim.owner().str();
    const auto held = text_at(home_.server, who.claim.name().str());
    const auto& granted = state_of(who.claim.name().str()).grants[owner];
    const bool again = !granted.empty() && *granted.rbegin() > who.claim.fence().value();
    if (held && held->value == owner && !again && !who.disturbed(home_.server))
        judge_.fail("release", who.claim.name().str() + " was given back by " + who.host.name() +
                                   " and is still held by it");
}

bool lock_checker::write(const std::string& name, std::uint64_t fence, const std::string& owner) {
    return state_of(name).fences.write(fence, owner);
}

void lock_checker::on_script(const executed& done) {
    if (done.keys.empty() || !done.keys[0].starts_with(prefix_)) return;
    if (done.what.name == "lock/reserve") check_reserved(done);
    if (done.what.name == "lock/extend") check_extended(done);
    if (done.what.name == "lock/force_break") check_broken(done);
    if (!grants(done.what.name)) return;
    const auto last = of_several(done.what.name) ? done.keys.size() - 3 : 1;
    for (std::size_t i = 0; i < last; i += 4) check_grant(done.keys[i], done.keys[i + 3]);
    check_queue(done);
}

// A cohort's turns have the fences from the first one on.
void lock_checker::check_reserved(const executed& done) {
    const auto first = done.answer ? (*done.answer)[0].as_integer() : 0;
    if (first <= 0) return;
    const auto last = static_cast<std::uint64_t>(first) + number<std::uint64_t>(done.args[1]) - 1;
    state_of(done.keys[0]).fences.granted(last);
}

// The fence rises above whatever the holder has, then the lock is handed on under one above that.
void lock_checker::check_broken(const executed& done) {
    if (!done.answer || (*done.answer)[0].as_integer() != 1) return;
    judge_.mark("lock: broken by force");
    const auto holder = text_at(home_.server, done.keys[0]);
    if (holder && holder->value == done.args[0])
        judge_.fail("broken", done.keys[0] + " is still held by the one thrown out");
    on_thrown_out(done.keys[0], done.args[0]);
    state_of(done.keys[0])
        .fences.granted(static_cast<std::uint64_t>((*done.answer)[1].as_integer()));
}

void lock_checker::check_extended(const executed& done) {
    if (!done.answer || !done.answer->is_integer() || done.answer->as_integer() != 1) return;
    const auto& broken = state_of(done.keys[0]).broken;
    const auto found = broken.find(done.args[0]);
    if (found != broken.end() && found->second == home_.server.losses())
        judge_.fail("broken", done.keys[0] + " was extended for a holder that had been thrown out");
}

void lock_checker::check_grant(const std::string& name, const std::string& side_key) {
    auto& lock = state_of(name);
    const auto holder = text_at(home_.server, name);
    const auto side = text_at(home_.server, side_key);
    if (!holder || !side) return;
    const std::string_view text = side->value;
    const auto bar = text.find('|');
    if (text.substr(bar + 1, holder->value.size()) != holder->value) return;
    const auto fence = number<std::uint64_t>(text.substr(0, bar));
    if (std::exchange(lock.holder, holder->value) != holder->value) {
        lock.granted_at = home_.space.now();
        lock.broken.erase(lock.holder);
    }
    if (lock.grants[holder->value].insert(fence).second) lock.fences.granted(fence);
}

void lock_checker::on_loss() {
    for (auto& [name, lock] : locks_) {
        const auto holder = text_at(home_.server, name);
        lock.holder = holder ? holder->value : std::string();
    }
}

// The script that frees a lock hands it on. A queue of dead waiters is empty afterwards. Whoever
// asks again after a lost reply does not wait for itself, and knows a holder of its own kind.
void lock_checker::check_queue(const executed& done) {
    const auto& name = done.keys[0];
    const auto holder = text_at(home_.server, name);
    if (done.what.name == "lock/acquire" && holder && done.answer && done.answer->is_array()) {
        if (holder->value == done.args[0])
            judge_.fail("hand-over", name + ": " + holder->value + " waits for itself");
        if ((*done.answer)[2].as_integer() == 1 && holder->value == state_of(name).holder)
            judge_.fail("hand-over", name + ": " + holder->value + " is taken for a stranger");
    }
    if (done.what.name != "lock/release" || !done.answer || done.answer->as_integer() != 1) return;
    const bool barging = done.args[4] != "0";  // turn_checker.hpp knows when it may
    if (!holder && !barging && ranked_at(home_.server, done.keys[1]) > 0)
        judge_.fail("hand-over", name + " is free and its queue is not empty");
}

void lock_checker::on_event(const process& by, const event& happened) {
    if (!happened.subject.starts_with(prefix_)) return;
    if (happened.kind == event_kind::lease_lost) {
        judge_.mark("lock: lease lost while held");
        judge_.mark("lock: lost, " + std::string(happened.detail));
    }
    if (happened.kind != event_kind::lease_acquired || !healed_at_) return;
    const auto& lock = state_of(std::string(happened.subject));
    const auto waited = home_.space.now() - lock.granted_at;
    if (lock.holder == happened.who && waited > notice_of_grant &&
        home_.space.now() - *healed_at_ > settled_after)
        judge_.fail("hand-over", by.node + " was granted " + std::string(happened.subject) +
                                     " and noticed " + std::to_string(waited.count()) +
                                     " ns later");
}

}  // namespace holdfast::sim
