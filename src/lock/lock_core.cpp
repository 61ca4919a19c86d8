// Pushes, and the work that goes on after a caller has left.
#include "lock/lock_core.hpp"

#include "lock/calls.hpp"
#include "lock/held_lease.hpp"
#include "lock/lock_kind.hpp"
#include "lock/owner_history.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace holdfast {
namespace {

namespace asio = boost::asio;

constexpr std::size_t floors_kept = 4096;
constexpr std::size_t abandoned_kept = 1024;
constexpr std::size_t asked_early_kept = 64;

std::string_view next_word(std::string_view& text) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
}

template <class T>
T number(std::string_view text) {
    T value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Repeats a call until it was answered or `until` has come; pauses grow.
template <class Call>
task<void> insist(lock_core& core, steady_time until, Call call) {
    for (unsigned failures = 1;; ++failures) {
        auto one = call();
        const auto answer = co_await std::move(one);
        if (answer || !may_repeat(answer.error())) co_return;
        const auto next = core.rt.now() + retry_delay(failures);
        if (next >= until) co_return;
        co_await core.rt.sleep_until(next);
    }
}

task<void> give_up(std::shared_ptr<lock_core> core, lock_attempt attempt) {
    const auto longest = std::max(attempt.ttl.span(), provisional_lease);
    auto call = [&] { return call_cancel_wait(*core, attempt); };
    co_await insist(*core, core->rt.now() + longest, call);
}

task<void> hand_back(std::shared_ptr<lock_core> core, lease what) {
    auto call = [&] { return call_release(*core, what); };
    co_await insist(*core, what.valid_until(), call);
}

}  // namespace

std::string lock_attempt::member() const {
    constexpr std::size_t numbers = 96;
    const auto signed_by = signature();
    std::string text;
    text.reserve(2 * owner_id::size + signed_by.size() + channel.size() + numbers);
    text.append(owner.str())
        .append("|")
        .append(std::to_string((ttl.span() + terms.cool_down).count()));
    if (patience.count() > 0 || head_start.count() > 0 || terms.cool_down.count() > 0)
        text.append(",")
            .append(std::to_string(patience.count()))
            .append(",")
            .append(std::to_string(head_start.count()));
    if (terms.cool_down.count() > 0)
        text.append(",").append(std::to_string(terms.cool_down.count()));
    return text.append("|").append(signed_by).append("|").append(channel);
}

lock_watcher::lock_watcher(lock_core& core, const lock_name& name)
    : wake(core.rt.executor()), core_(core), name_(name.str()) {
    core_.watching.emplace(name_, this);
}

lock_watcher::~lock_watcher() {
    const auto [first, last] = core_.watching.equal_range(name_);
    core_.watching.erase(std::find_if(first, last, [&](auto& w) { return w.second == this; }));
    core_.waiting_ended.notify_all();
}

lock_core::lock_core(runtime& runtime, store& store, journal& journal, std::string shown_as,
                     bool warn_lock_order)
    : rt(runtime),
      st(store),
      events(journal),
      who(std::move(shown_as)),
      floors(floors_kept),
      waiting_ended(runtime.executor()),
      rota(*this),
      orders(journal, warn_lock_order),
      background_(runtime.executor()) {}

void lock_core::abandon(lock_attempt attempt) {
    abandoned_.insert_or_assign(attempt.owner, attempt);
    abandoned_order_.push_back(attempt.owner);
    if (abandoned_order_.size() > abandoned_kept) {
        abandoned_.erase(abandoned_order_.front());
        abandoned_order_.pop_front();
    }
    in_background(give_up(shared_from_this(), std::move(attempt)));
}

void lock_core::release_later(lease what) {
    in_background(hand_back(shared_from_this(), std::move(what)));
}

void lock_core::watch_clock(const lock_name& name) {
    if (closing || !clock_.due(rt.now())) return;
    auto look = [](std::shared_ptr<lock_core> self, lock_name lock) -> task<void> {
        co_await self->look_at_clock(std::move(lock));
    };
    in_background(look(shared_from_this(), name));
}

task<void> lock_core::look_at_clock(lock_name name) {
    const auto epoch = st.epoch();
    const auto asked_at = rt.now();
    const auto answer = co_await call_store_clock(*this, name);
    if (!answer) co_return;
    const auto step = clock_.look(*answer, asked_at, rt.now(), epoch);
    if (!step) co_return;
    const auto size = static_cast<std::uint64_t>(std::chrono::abs(*step).count());
    const event happened{
        event_kind::clock_step, "store", {}, size, step->count() > 0 ? "forward" : "back"};
    events.record(happened);
    after_clock_step();
}

void lock_core::after_clock_step() {
    ask_again();
    std::vector<std::shared_ptr<held_lease>> all;  // one that turns out to be over leaves the map
    for (const auto& [owner, weak] : held)
        if (auto lease = weak.lock()) all.push_back(std::move(lease));
    for (const auto& lease : all) lease->revalidate();
}

void lock_core::record(event_kind kind, const lease& what, std::string_view detail) {
    const auto owner = what.owner().str();
    const event happened{kind, what.name().str(), owner, what.fence().value(), detail};
    events.record(happened);
    if (!keeps_history) return;
    const bool begins = kind == event_kind::lease_acquired;
    const bool given_back = kind == event_kind::lease_released;
    if (!begins && !given_back && kind != event_kind::lease_lost) return;
    in_background(
        note_owner(shared_from_this(), what, given_back ? "released" : std::string(detail)));
}

// "g <owner> <fence> <name>" granted; "h <owner> <ms> <name>" next in line, the holder before has
// that long; "b <owner> <fence> <name>" broken; "t …" accepted by another process, with that fence;
// "r <owner> <who> <name>" somebody asks for it; "e - 0 <name>" something to look at. The name
// is last: it may contain spaces.
void lock_core::on_push(std::string_view payload) {
    const auto kind = next_word(payload);
    const auto id = next_word(payload);
    const auto value = next_word(payload);
    if (kind == "g") on_grant(id, value);
    if (kind == "h") on_next(id, value);
    if (kind == "e") on_change(payload);
    if (kind == "r") on_asked(id, value);
    if (kind == "b" || kind == "t") {
        const auto lease = holder(id);
        if (!lease) return;
        if (kind == "b") {
            if (const auto& member = lease->what().kind()) member->broken(payload);
            lease->on_broken();
        }
        if (kind == "t") lease->on_transferred();
    }
}

// A grant for an attempt that was given up is handed on. One that nobody here knows is left alone:
// it may be a late copy for a lease in use, and the provisional lease bounds the other case.
void lock_core::on_grant(std::string_view id, std::string_view fence) {
    const auto owner = owner_id::parse(id);
    if (!owner) return;
    if (const auto found = waiting.find(*owner); found != waiting.end()) {
        found->second->granted = {fencing_token(number<std::uint64_t>(fence)), st.epoch()};
        found->second->wake.notify_all();
    } else if (const auto left = abandoned_.find(*owner); left != abandoned_.end()) {
        in_background(give_up(shared_from_this(), left->second));
    }
}

void lock_core::on_next(std::string_view id, std::string_view ttl) {
    const auto owner = owner_id::parse(id);
    if (!owner) return;
    const auto found = waiting.find(*owner);
    if (found == waiting.end()) return;
    auto& waiter = *found->second;
    waiter.ask_at = std::min(waiter.ask_at, rt.now() + milliseconds{number<std::int64_t>(ttl) + 1});
    waiter.wake.notify_all();
}

std::shared_ptr<held_lease> lock_core::holder(std::string_view id) const {
    const auto owner = owner_id::parse(id);
    if (!owner) return nullptr;
    const auto found = held.find(*owner);
    return found == held.end() ? nullptr : found->second.lock();
}

void lock_core::on_asked(std::string_view id, std::string_view by) {
    if (const auto lease = holder(id)) return lease->on_revoke_requested(by);
    const auto owner = owner_id::parse(id);
    if (!owner) return;
    asked_early_.emplace_back(*owner, by);
    if (asked_early_.size() > asked_early_kept) asked_early_.pop_front();
}

std::optional<std::string> lock_core::asked_before_kept(const owner_id& holder) {
    const auto found =
        std::ranges::find(asked_early_, holder, &decltype(asked_early_)::value_type::first);
    if (found == asked_early_.end()) return std::nullopt;
    auto by = std::move(found->second);
    asked_early_.erase(found);
    return by;
}

void lock_core::on_change(std::string_view name) {
    const auto [first, last] = watching.equal_range(std::string(name));
    for (auto at = first; at != last; ++at) at->second->tell();
}

// Pushes may have been lost while the connection was down: everybody asks at once.
void lock_core::on_reconnect() { ask_again(); }

void lock_core::ask_again() {
    for (auto& [id, waiter] : waiting) {
        waiter->ask_at = rt.now();
        waiter->wake.notify_all();
    }
    for (auto& [name, watcher] : watching) watcher->tell();
}

}  // namespace holdfast
