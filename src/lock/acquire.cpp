// Asks, waits for a push or for the time to ask again, claims.
#include "lock/acquire.hpp"

#include "base/mutant.hpp"
#include "lock/calls.hpp"
#include "lock/lock_keys.hpp"
#include "lock/lock_kind.hpp"
#include "runtime/deadline.hpp"

#include <algorithm>

namespace holdfast {
namespace {

constexpr unsigned tries_without_answer = 3;
constexpr std::size_t longest_trace = 128;
constexpr milliseconds longest_patience = hours{24 * 365};
constexpr milliseconds first_answer{50};

/// Registers the attempt for pushes while it lives.
class waiting_place {
public:
    waiting_place(lock_core& core, owner_id owner)
        : slot(core.rt.executor()), core_(core), owner_(owner) {
        core_.waiting.emplace(owner_, &slot);
    }
    ~waiting_place() {
        core_.waiting.erase(owner_);
        core_.waiting_ended.notify_all();
    }
    waiting_place(const waiting_place&) = delete;

    lock_waiter_slot slot;

private:
    lock_core& core_;
    owner_id owner_;
};

/// One attempt as it goes on.
class acquisition {
public:
    acquisition(lock_core& on, lock_attempt& one, lock_waiter_slot& waiter, acquire_options how)
        : core(on), attempt(one), slot(waiter), options(std::move(how)) {}

    lock_core& core;
    lock_attempt& attempt;
    lock_waiter_slot& slot;
    acquire_options options;
    unsigned failures = 0;
    unsigned foreign_polls = 0;
    bool answered = false;
    errc refused_with = errc::store_unavailable;  // as long as nothing is answered

    steady_time give_up_at() const { return options.give_up_at; }
    bool timed() const { return attempt.waits && give_up_at() != steady_time::max(); }
    steady_time limit() const { return timed() ? give_up_at() : steady_time::max(); }
    lease granted(fencing_token fence, steady_time asked_at) const {
        return lease(attempt.name, attempt.owner, fence, attempt.ttl, asked_at, attempt.terms,
                     attempt.kind);
    }
    void tell(const wait_view& view) {
        if (!reported_ && view.position >= 0) {
            const auto owner = attempt.owner.str();
            core.events.record({event_kind::lock_waiting, attempt.name.str(), owner,
                                static_cast<std::uint64_t>(view.position), view.holder_trace});
            reported_ = true;
        }
        if (!options.on_wait) return;
        wait_status status{static_cast<std::uint64_t>(std::max<std::int64_t>(view.position, 0)),
                           estimated_wait(view), std::nullopt, view.foreign};
        status.holder_trace = view.holder_trace;
        if (view.holder_ttl >= 0) status.holder_ends_in = milliseconds{view.holder_ttl};
        options.on_wait(status);
    }

private:
    bool reported_ = false;
};

/// A call that a timed attempt does not wait for beyond its limit. The first one has some time all
/// the same: a limit that is nearer than a round trip says nothing about the store.
template <class T>
task<result<T>> in_time(const acquisition& now, task<result<T>> call) {
    if (!now.timed()) co_return co_await std::move(call);
    auto& rt = now.core.rt;
    const bool first = !now.answered && now.failures == 0;
    const auto until =
        first ? std::max(now.give_up_at(), rt.now() + first_answer) : now.give_up_at();
    auto answer = co_await before_deadline(rt, until, std::move(call));
    if (!answer) co_return errc::outcome_unknown;
    co_return std::move(*answer);
}

errc reason_to_stop(const acquisition& now) {
    if (now.core.closing) return errc::shutting_down;
    if (!now.attempt.waits || now.core.rt.now() < now.give_up_at()) return errc{};
    return now.answered ? errc::timed_out : now.refused_with;
}

/// The highest fence that this process has seen of the lock.
fencing_token highest_seen(const acquisition& now) {
    return now.core.floors.of(now.attempt.name, now.core.st.epoch()).highest;
}

// The counter that gave the fence may have been rolled back: one that is not above everything seen
// is no proof of age, and the grant is handed on. Repeated until the store has answered, because
// asking again would be answered with this same grant. Who gives up meanwhile hands it on too.
task<result<void>> refuse(acquisition& now, fencing_token fence) {
    auto& core = now.core;
    core.floors.distrust(now.attempt.name);
    for (unsigned failures = 1; reason_to_stop(now) == errc{}; ++failures) {
        auto call = call_refuse(core, now.attempt.name, now.attempt.owner, fence);
        const auto refused = co_await in_time(now, std::move(call));
        if (refused) break;
        const bool hopeless = !now.attempt.waits && failures >= tries_without_answer;
        if (hopeless || !may_repeat(refused.error())) co_return refused.error();
        co_await core.rt.sleep_until(std::min(core.rt.now() + retry_delay(failures), now.limit()));
    }
    now.slot.ask_at = core.rt.now();
    co_return result<void>();
}

// A push granted the lock for the provisional lease; the claim makes it whole.
task<result<std::optional<lease>>> claim(acquisition& now) {
    const auto [fence, heard_in] = *std::exchange(now.slot.granted, std::nullopt);
    auto& core = now.core;
    if (now.attempt.kind) {  // its own script claims, and answers what was granted
        now.slot.ask_at = core.rt.now();
        co_return std::nullopt;
    }
    if (fence <= highest_seen(now)) {
        const auto refused = co_await refuse(now, fence);
        if (!refused) co_return refused.error();
        co_return std::nullopt;
    }
    const auto asked_at = core.rt.now();
    if (mutant("push-believed-unclaimed")) co_return now.granted(fence, asked_at);
    auto call = call_extend(core, now.granted(fence, asked_at));
    const auto answer = co_await in_time(now, std::move(call));
    if (answer && *answer == extend_answer::extended) {
        core.floors.learn(now.attempt.name, heard_in, fence);
        co_return now.granted(fence, asked_at);
    }
    if (!answer && !may_repeat(answer.error())) co_return answer.error();
    now.slot.ask_at = core.rt.now();  // too late or no answer: ask again, with the old ticket
    co_return std::nullopt;
}

// One question. A lease; nothing when there is something to wait for; or why not.
task<result<std::optional<lease>>> ask(acquisition& now) {
    auto& core = now.core;
    const auto asked_at = core.rt.now();
    now.slot.ask_at = steady_time::max();
    const auto seen = highest_seen(now);
    auto call = call_acquire(core, now.attempt);
    if (now.timed()) call = in_time(now, std::move(call));
    auto answer = co_await std::move(call);
    if (!answer) {
        ++now.failures;
        if (answer.error() == condition::retry) now.refused_with = errc_of(answer.error());
        const bool hopeless = !now.attempt.waits && (answer.error() == condition::retry ||
                                                     now.failures >= tries_without_answer);
        if (hopeless || !may_repeat(answer.error())) co_return answer.error();
        now.slot.ask_at = std::min(now.slot.ask_at, core.rt.now() + retry_delay(now.failures));
        co_return std::nullopt;
    }
    now.failures = 0;
    now.answered = true;
    const auto begins = mutant("lease-starts-at-the-reply") ? core.rt.now() : asked_at;
    if (answer->fence && !now.attempt.kind && *answer->fence <= seen) {
        const auto refused = co_await refuse(now, *answer->fence);
        if (!refused) co_return refused.error();
        co_return std::nullopt;
    }
    if (answer->fence) co_return now.granted(*answer->fence, begins);
    auto view = answer->waiting;
    if (!now.attempt.waits) {
        if (view.holder_ttl != -2) co_return errc::busy;
        now.slot.ask_at = core.rt.now();
        co_return std::nullopt;
    }
    core.watch_clock(now.attempt.name);
    now.tell(view);
    now.foreign_polls = view.foreign ? now.foreign_polls + 1 : 0;
    view.foreign_polls = now.foreign_polls;
    const auto later = core.rt.now() + until_next_question(view, now.attempt.ttl);
    now.slot.ask_at = std::min(now.slot.ask_at, later);
    co_return std::nullopt;
}

// Until a push came or it is time to ask again. Whoever wakes it may have moved ask_at.
task<void> wait(acquisition& now) {
    while (!now.slot.granted && reason_to_stop(now) == errc{}) {
        const auto until = std::min(now.slot.ask_at, now.limit());
        if (now.core.rt.now() >= until) co_return;
        co_await now.slot.wake.wait_until(now.core.rt, until);
    }
}

task<result<lease>> pursue(acquisition& now) {
    while (true) {
        auto asked = co_await ask(now);
        while (asked && !*asked) {
            co_await wait(now);
            if (!now.slot.granted) break;
            asked = co_await claim(now);
        }
        if (!asked) co_return asked.error();
        if (*asked) co_return std::move(**asked);
        if (const auto stop = reason_to_stop(now); stop != errc{}) co_return stop;
    }
}

// The store counts the patience from when it first hears of the attempt, which is later than the
// caller does: nobody is passed over before its own limit. Rounded up for the same reason.
milliseconds patience(const lock_core& core, steady_time give_up_at) {
    if (give_up_at == steady_time::max() || mutant("patience-not-told")) return milliseconds{0};
    const auto now = core.rt.now();
    if (give_up_at <= now) return milliseconds{1};
    const auto left = std::chrono::ceil<milliseconds>(give_up_at - now);
    return std::clamp(left, milliseconds{1}, longest_patience);
}

lock_attempt new_attempt(lock_core& core, lock_name name, lease_ttl ttl, bool waits,
                         const acquire_options& options) {
    lock_attempt made{std::move(name), owner_id::random(core.rt), ttl, waits,
                      core.who,        core.st.process_channel()};
    made.terms = options.terms;
    if (!options.agent.empty()) made.who += "#" + options.agent;
    made.trace = options.trace;
    if (!waits) return made;
    made.patience = patience(core, options.give_up_at);
    made.head_start = options.head_start;
    return made;
}

bool possible(const acquire_options& options) {
    const auto within = [](milliseconds span, milliseconds most) {
        return span >= milliseconds{0} && span <= most;
    };
    return is_trace(options.trace) && within(options.head_start, hours{1}) &&
           within(options.terms.cool_down, hours{24}) && within(options.terms.barging, hours{24});
}

}  // namespace

bool is_one_word(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '|'; });
}

bool is_trace(std::string_view text) noexcept {
    return text.size() <= longest_trace && is_one_word(text);
}

task<result<lease>> acquire_lock(std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                                 bool waits, acquire_options options,
                                 std::shared_ptr<lock_kind> kind) {
    const bool nameless = name.str().empty();  // it was moved from
    if (nameless || is_side_key(name, core->st.prefix()) || !possible(options))
        co_return errc::invalid_argument;
    if (core->closing) co_return errc::shutting_down;
    auto attempt = new_attempt(*core, std::move(name), ttl, waits, options);
    attempt.kind = std::move(kind);
    waiting_place place(*core, attempt.owner);
    acquisition now(*core, attempt, place.slot, std::move(options));
    result<lease> got = errc::cancelled;
    try {
        got = co_await pursue(now);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    const bool told = !attempt.kind || attempt.kind->is_lease();
    if (got && told) {
        core->record(event_kind::lease_acquired, *got);
        core->orders.taken(now.options.agent, *got);
    }
    if (!got && attempt.maybe_present) core->abandon(std::move(attempt));
    co_return got;
}

task<result<lease>> acquire_share(std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                                  bool waits, acquire_options options,
                                  std::shared_ptr<lock_kind> kind) {
    const milliseconds none{0};
    const auto& [cool_down, barging] = options.terms;
    if (options.head_start != none || cool_down != none || barging != none)
        co_return errc::invalid_argument;
    co_return co_await acquire_lock(std::move(core), std::move(name), ttl, waits,
                                    std::move(options), std::move(kind));
}

namespace {

task<result<bool>> insist_on_release(std::shared_ptr<lock_core> core, lease held) {
    bool sent = false;
    for (unsigned failures = 1;; ++failures) {
        const bool still_valid = held.valid(core->rt.now());
        const auto answer = co_await call_release(*core, held);
        if (answer) {
            // After a lost reply "not yours" means that the first one arrived.
            const bool ours = *answer || (sent && still_valid);
            core->orders.left(held);
            if (ours) core->record(event_kind::lease_released, held);
            co_return ours;
        }
        sent = sent || answer.error() == condition::unknown;
        const auto next = core->rt.now() + retry_delay(failures);
        if (answer.error() != condition::unknown || failures >= tries_without_answer ||
            next >= held.valid_until()) {
            if (may_repeat(answer.error())) core->release_later(held);
            co_return answer.error();
        }
        co_await core->rt.sleep_until(next);
    }
}

}  // namespace

task<result<bool>> release_now(std::shared_ptr<lock_core> core, lease held) {
    try {
        co_return co_await insist_on_release(core, held);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    core->release_later(std::move(held));
    co_return errc::cancelled;
}

}  // namespace holdfast
