// The promises of docs/guarantees.md for reader-writer locks and semaphores, on the true clock.
#include "sim/lock/share_checker.hpp"

#include "sim/world/store_view.hpp"

#include <algorithm>
#include <limits>

namespace holdfast::sim {
namespace {

constexpr nanoseconds notice_of_grant = seconds{1};
constexpr nanoseconds settled_after = seconds{90};

bool may_grant(std::string_view script) {
    return script.starts_with("lock/shared_") || script.starts_with("lock/rw_") ||
           script == "lock/set_capacity";
}

// Who was already in the queue has its ticket there; the other one got it in this very script.
double ticket_of(const std::string& id, const share_view& before, const executed& done) {
    if (const auto* waited = before.waiter(id)) return waited->ticket;
    constexpr auto last_of_all = std::numeric_limits<double>::infinity();
    if (done.what.name != "lock/shared_acquire" || done.args[0] != id) return last_of_all;
    std::string_view text = done.args[4];
    if (text.empty() && done.answer) text = (*done.answer)[2].as_text();
    const auto ticket = number<std::uint64_t>(text);
    return ticket == 0 ? last_of_all : static_cast<double>(ticket);
}

}  // namespace

share_view share_checker::shares(const std::string& name) const {
    return shares_at(home_.server, name, home_.store_options.prefix);
}

share_checker::lock_state& share_checker::state_of(const std::string& name) {
    return locks_.try_emplace(name, fence_ledger(name, home_.server, judge_)).first->second;
}

std::shared_ptr<sharer> share_checker::on_belief(node& by, const lease& what, char mode,
                                                 std::uint32_t weight) {
    auto& lock = state_of(what.name().str());
    std::erase_if(lock.sharers, [](const auto& who) { return who->over || !who->exists(); });
    auto fresh = std::make_shared<sharer>(by, what, mode, weight);
    lock.sharers.push_back(fresh);
    check_beside(lock, *fresh);
    check_sum(lock, *fresh);
    check_with_store(*fresh);
    return fresh;
}

// As with a mutex, what was told before a loss of data or time may be void.
void share_checker::check_beside(const lock_state& of, const sharer& fresh) {
    if (!fresh.believes() || fresh.disturbed(home_.server) || fresh.mode == 's') return;
    for (const auto& other : of.sharers) {
        if (other.get() == &fresh || !other->believes() || other->disturbed(home_.server)) continue;
        const bool together =
            (fresh.mode == 'r' && other->mode != 'w') || (other->mode == 'r' && fresh.mode != 'w');
        if (together) {
            judge_.mark(prefix_ + ": held together");
            continue;
        }
        judge_.fail("exclusion", fresh.claim.name().str() + " is valid as " + fresh.mode + " on " +
                                     fresh.host.name() + " and as " + other->mode + " on " +
                                     other->host.name());
    }
}

// All who believe now were inside when the last of them was let in: what counts is how many permits
// there were then.
void share_checker::check_sum(const lock_state& of, const sharer& fresh) {
    if (fresh.mode != 's') return;
    std::uint64_t sum = 0, last = 0;
    std::uint32_t capacity = 0;
    for (const auto& one : of.sharers) {
        if (!one->believes() || one->disturbed(home_.server)) continue;
        sum += one->weight;
        const auto granted = of.grants.find(one->claim.owner().str());
        if (granted == of.grants.end() || granted->second.let_in < last) continue;
        last = granted->second.let_in;
        capacity = granted->second.capacity;
    }
    if (sum > fresh.weight) judge_.mark(prefix_ + ": held together");
    if (sum > capacity)
        judge_.fail("exclusion", fresh.claim.name().str() + ": " + std::to_string(sum) +
                                     " permits are valid of " + std::to_string(capacity));
}

void share_checker::check_with_store(const sharer& who) {
    if (!who.believes() || who.disturbed(home_.server)) return;
    const auto name = who.claim.name().str();
    const auto seen = shares(name);
    const auto* held = seen.holder(who.claim.owner().str());
    const auto ranks_below = [](char have, char want) {
        return want != 's' && want != 'r' && have != want && have != 'w';
    };
    if (held == nullptr || ranks_below(held->mode, who.mode)) {
        judge_.fail("exclusion", who.host.name() + " believes in " + name + " as " + who.mode +
                                     ", and the store does not");
        return;
    }
    const auto left =
        milliseconds{static_cast<std::int64_t>(held->ends_ms) - to_unix_ms(home_.server.clock())};
    if (who.left() > left)
        judge_.fail("exclusion", who.host.name() + " believes in " + name + " for " +
                                     std::to_string((who.left() - left).count()) +
                                     " ns longer than the store");
}

void share_checker::on_extended(sharer& who, steady_time valid_until) {
    who.extend(valid_until);
    check_with_store(who);
}

void share_checker::on_upgraded(sharer& who, const lease& as_writer) {
    who.confirm(as_writer);
    who.mode = 'w';
    check_beside(state_of(as_writer.name().str()), who);
    check_with_store(who);
}

void share_checker::on_released(const sharer& who) {
    const auto seen = shares(who.claim.name().str());
    const auto* held = seen.holder(who.claim.owner().str());
    const bool same = held != nullptr && held->fence <= who.claim.fence().value();
    if (same && !who.disturbed(home_.server))
        judge_.fail("release", who.claim.name().str() + " was given back by " + who.host.name() +
                                   " and is still held by it");
}

void share_checker::on_script(const executed& done) {
    if (!may_grant(done.what.name) || !done.keys[0].starts_with(prefix_)) return;
    auto& lock = state_of(done.keys[0]);
    auto now = shares(done.keys[0]);
    const auto losses = home_.server.losses();
    std::vector<share_holder> fresh;
    for (const auto& one : now.holders) {
        const auto known = lock.grants.find(one.id);
        const bool granted_before_loss = known != lock.grants.end() &&
                                         known->second.losses != losses &&
                                         lock.seen.holder(one.id) == nullptr;
        // A clock that went back revives it as the loss has left it: before its upgrade, perhaps.
        if (granted_before_loss && one.fence <= known->second.fence) {
            lock.fences.back_again();
            known->second = {one.fence, one.fence, now.capacity, home_.space.now(), losses};
        } else if (known == lock.grants.end() || known->second.fence != one.fence) {
            fresh.push_back(one);
        }
    }
    std::ranges::sort(fresh, {}, &share_holder::fence);
    bool let_in = false;
    for (const auto& one : fresh) {
        lock.fences.granted(one.fence);
        check_order(done.keys[0], lock, now, one, done);
        // Permits are not upgraded: it was inside, and its fence had to rise.
        const bool was_inside = one.mode == 's' && lock.seen.holder(one.id) != nullptr;
        auto& grant = lock.grants[one.id];
        const bool as_before = was_inside && grant.fence != 0;
        grant = {one.fence, as_before ? grant.let_in : one.fence,
                 as_before ? grant.capacity : now.capacity, home_.space.now(), losses};
        if (!was_inside) let_in = true;
    }
    check_holders(done.keys[0], now, let_in);
    check_idle(done, now);
    lock.seen = std::move(now);
}

void share_checker::check_holders(const std::string& name, const share_view& now, bool granted) {
    if (!granted) return;
    const auto held_as = [&](char mode) {
        return std::ranges::count(now.holders, mode, &share_holder::mode);
    };
    if ((held_as('w') > 0 && now.holders.size() > 1) || held_as('u') > 1)
        judge_.fail("exclusion", name + ": the store lets a writer in beside somebody else");
    if (held_as('s') > 0 && now.in_use() > now.capacity)
        judge_.fail("exclusion", name + ": the store gave " + std::to_string(now.in_use()) +
                                     " permits of " + std::to_string(now.capacity));
}

void share_checker::check_order(const std::string& name, const lock_state& of,
                                const share_view& now, const share_holder& granted,
                                const executed& done) {
    if (of.seen.holder(granted.id) != nullptr) return;  // upgraded, or a fence that had to rise
    const bool had_it = done.what.name == "lock/rw_share" && done.args[0] == granted.id;
    if (had_it) return;  // as a mutex
    if (of.seen.upgrading && now.upgrading)
        judge_.fail("order", name + ": somebody was let in past one who waits to become writer");
    const auto ticket = ticket_of(granted.id, of.seen, done);
    for (const auto& waits : of.seen.queue)
        if (waits.ticket < ticket && now.waiter(waits.id) != nullptr)
            judge_.fail("order", name + ": " + granted.id + " was let in past " + waits.id);
}

// The script that gives a share back lets in everybody at the head of the queue who fits.
void share_checker::check_idle(const executed& done, const share_view& now) {
    const bool released = done.what.name == "lock/shared_release" && done.answer;
    const bool waits = done.what.name == "lock/shared_acquire" && done.answer &&
                       done.answer->items().size() > 3 && (*done.answer)[0].as_integer() == 0;
    if (!released && !waits) return;
    if (!now.queue.empty() && now.fits(now.queue.front()))
        judge_.fail("hand-over", done.keys[0] + ": " + now.queue.front().id + " fits and waits");
    if (now.upgrading && now.holders.size() == 1)
        judge_.fail("hand-over", done.keys[0] + ": alone, and waits to become the writer");
}

// Whoever holds now is no new holder: it is one from before what was lost.
void share_checker::on_loss() {
    for (auto& [name, lock] : locks_) {
        lock.seen = shares(name);
        for (const auto& one : lock.seen.holders)
            lock.grants[one.id] = {one.fence, one.fence, lock.seen.capacity, home_.space.now(),
                                   home_.server.losses()};
    }
}

void share_checker::on_event(const process& by, const event& happened) {
    if (!happened.subject.starts_with(prefix_)) return;
    if (happened.kind == event_kind::lease_lost) judge_.mark(prefix_ + ": lost while held");
    if (happened.kind != event_kind::lease_acquired || !healed_at_) return;
    const auto& lock = state_of(std::string(happened.subject));
    const auto granted = lock.grants.find(std::string(happened.who));
    if (granted == lock.grants.end()) return;
    const auto waited = home_.space.now() - granted->second.at;
    if (waited > notice_of_grant && home_.space.now() - *healed_at_ > settled_after)
        judge_.fail("hand-over", by.node + " was let in to " + std::string(happened.subject) +
                                     " and noticed " + std::to_string(waited.count()) +
                                     " ns later");
}

}  // namespace holdfast::sim
