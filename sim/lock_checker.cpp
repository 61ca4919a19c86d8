// The promises of docs/guarantees.md 1 to 3, checked on the true clock.
#include "sim/lock_checker.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::sim {
namespace {

// Once healed, a push arrives; without pushes a waiter would notice at its next heartbeat.
constexpr nanoseconds notice_of_grant = seconds{1};
constexpr nanoseconds settled_after = seconds{90};

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool grants(std::string_view script) {
    return script == "lock/acquire" || script == "lock/release" || script == "lock/cancel_wait" ||
           script == "lock/force_break";
}

}  // namespace

std::shared_ptr<believer> lock_checker::on_belief(node& by, const lease& what) {
    auto& lock = locks_[what.name().str()];
    std::erase_if(lock.believers, [](const auto& who) { return who->over || !who->exists(); });
    auto fresh = std::make_shared<believer>(by, what);
    lock.believers.push_back(fresh);
    check_alone(lock, *fresh);
    check_with_store(*fresh);
    return fresh;
}

// What an older believer was told may be void: the store lost its writes, or its clock went ahead
// and freed the lock. Only fences protect then.
void lock_checker::check_alone(const lock_state& of, const believer& fresh) {
    if (!fresh.believes()) return;
    for (const auto& other : of.believers) {
        if (other.get() == &fresh || !other->believes() || was_broken(*other)) continue;
        if (other->disturbed(home_.server)) {
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
    const auto left = who.claim.valid_until() - who.host.now();
    // The store rounds to milliseconds; a clock that is slow by 1 % makes what is left longer.
    if (held->left && left - left / 100 > *held->left)
        judge_.fail("exclusion", who.host.name() + " believes in " + who.claim.name().str() +
                                     " for " + std::to_string((left - *held->left).count()) +
                                     " ns longer than the store");
}

void lock_checker::on_kept(believer& who, steady_time valid_until) {
    if (!who.claim.valid(who.host.now()))
        judge_.fail("lost", who.host.name() + " was told that its lease on " +
                                who.claim.name().str() + ", which was over, is valid again");
    on_extended(who, valid_until);
}

void lock_checker::on_extended(believer& who, steady_time valid_until) {
    const auto ttl = who.claim.ttl().span();
    who.claim = who.claim.extended(valid_until + drift_margin(ttl) - ttl);
    check_with_store(who);
}

bool lock_checker::check_told(const believer& who, bool told, bool told_late) {
    const bool late = !told && !who.over && !who.claim.valid(who.host.now());
    if (late && told_late)
        judge_.fail("lost", who.host.name() + " was never told that its lease on " +
                                who.claim.name().str() + " is over");
    return late;
}

void lock_checker::on_released(const believer& who) {
    const auto held = text_at(home_.server, who.claim.name().str());
    if (held && held->value == who.claim.owner().str() && !who.disturbed(home_.server))
        judge_.fail("release", who.claim.name().str() + " was given back by " + who.host.name() +
                                   " and is still held by it");
}

bool lock_checker::write(const std::string& name, std::uint64_t fence, const std::string& owner) {
    auto& lock = locks_[name];
    if (fence < lock.written) {
        judge_.mark("lock: stale write refused");
        return false;
    }
    if (fence == lock.written && owner != lock.written_by && fence > lock.void_below)
        judge_.fail("fence", name + ": two holders were given " + std::to_string(fence));
    lock.written = fence;
    lock.written_by = owner;
    return true;
}

void lock_checker::on_script(const executed& done) {
    if (done.what.name == "lock/extend") check_extended(done);
    if (!grants(done.what.name) || done.keys.size() < 4) return;
    auto& lock = locks_[done.keys[0]];
    if (done.what.name == "lock/force_break") on_broken(done, lock);
    check_grant(done, lock);
    check_queue(done);
}

void lock_checker::check_grant(const executed& done, lock_state& of) {
    const auto holder = text_at(home_.server, done.keys[0]);
    const auto side = text_at(home_.server, done.keys[3]);
    if (!holder || !side || holder->value == of.holder) return;
    const std::string_view text = side->value;
    const auto bar = text.find('|');
    if (text.substr(bar + 1, holder->value.size()) != holder->value) return;
    of.holder = holder->value;
    of.broken.erase(of.holder);
    of.granted_at = home_.space.now();
    raise_fence(of, done.keys[0], number(text.substr(0, bar)));
}

void lock_checker::raise_fence(lock_state& of, const std::string& name, std::uint64_t fence) {
    // After a loss of data the store's clock must not be behind what it showed before.
    const auto clock = home_.server.clock().time_since_epoch().count();
    const bool excused =
        of.losses != home_.server.losses() && static_cast<std::uint64_t>(clock) <= of.highest;
    if (fence <= of.highest && !excused)
        judge_.fail("fence", name + ": " + std::to_string(fence) + " was granted after " +
                                 std::to_string(of.highest));
    if (fence <= of.highest) {
        judge_.mark("lock: fences restarted, the store's clock was behind");
        of.written = 0;
        of.void_below = std::max(of.void_below, of.highest);
    }
    of.highest = fence;
    of.losses = home_.server.losses();
}

// The fence rises above whatever the holder has, then the lock is handed on under one above that.
void lock_checker::on_broken(const executed& done, lock_state& of) {
    if (!done.answer || (*done.answer)[0].as_integer() != 1) return;
    judge_.mark("lock: broken by force");
    const auto fence = static_cast<std::uint64_t>((*done.answer)[1].as_integer());
    raise_fence(of, done.keys[0], fence);
    of.holder.clear();  // the one thrown out may come again
    of.broken[done.args[0]] = home_.server.losses();
}

void lock_checker::check_extended(const executed& done) {
    if (!done.answer || !done.answer->is_integer() || done.answer->as_integer() != 1) return;
    const auto& broken = locks_[done.keys[0]].broken;
    const auto found = broken.find(done.args[0]);
    if (found != broken.end() && found->second == home_.server.losses())
        judge_.fail("broken", done.keys[0] + " was extended for a holder that had been thrown out");
}

bool lock_checker::was_broken(const believer& who) const {
    const auto lock = locks_.find(who.claim.name().str());
    return lock != locks_.end() && lock->second.broken.contains(who.claim.owner().str());
}

void lock_checker::on_loss() {
    for (auto& [name, lock] : locks_) {
        const auto holder = text_at(home_.server, name);
        lock.holder = holder ? holder->value : std::string();
    }
}

// The script that frees a lock hands it on. A queue of dead waiters is empty afterwards.
void lock_checker::check_queue(const executed& done) {
    if (done.what.name != "lock/release" || !done.answer || done.answer->as_integer() != 1) return;
    if (!text_at(home_.server, done.keys[0]) && ranked_at(home_.server, done.keys[1]) > 0)
        judge_.fail("hand-over", done.keys[0] + " is free and its queue is not empty");
}

void lock_checker::on_event(const process& by, const event& happened) {
    if (happened.kind == event_kind::lease_lost) {
        judge_.mark("lock: lease lost while held");
        judge_.mark("lock: lost, " + std::string(happened.detail));
    }
    if (happened.kind != event_kind::lease_acquired || !healed_at_) return;
    const auto& lock = locks_[std::string(happened.subject)];
    const auto waited = home_.space.now() - lock.granted_at;
    if (lock.holder == happened.who && waited > notice_of_grant &&
        home_.space.now() - *healed_at_ > settled_after)
        judge_.fail("hand-over", by.node + " was granted " + std::string(happened.subject) +
                                     " and noticed " + std::to_string(waited.count()) +
                                     " ns later");
}

}  // namespace holdfast::sim
