// KEYS, ARGV and replies as the heads of the .lua files document them.
#include "lock/calls.hpp"

#include "base/mutant.hpp"
#include "lock/lock_keys.hpp"
#include "lock/lock_kind.hpp"
#include "lock_scripts.hpp"

#include <algorithm>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

script_keys keys_of(lock_core& core, const lock_name& name) {
    return all_keys_of(name, core.st.prefix());
}

fencing_token to_fence(const reply& value) {
    return fencing_token(static_cast<std::uint64_t>(value.as_integer()));
}

// A fence alone, -1, or a list: the shortest answer for what most calls get (acquire.lua).
result<acquire_answer> read_mutex_answer(const reply& answer, lock_attempt& attempt) {
    acquire_answer read;
    if (answer.is_integer()) {
        if (answer.as_integer() < 0) return errc::wrong_type;
        read.fence = to_fence(answer);
        return read;
    }
    auto& view = read.waiting;
    view.position = answer[0].as_integer();
    view.holder_ttl = answer[1].as_integer();
    view.foreign = answer[2].as_integer() == 1;
    view.mean_hold = answer[5].as_integer();
    view.held_for = answer[6].as_integer();
    view.holder_trace = std::string(answer[7].as_text());
    if (attempt.waits) attempt.ticket = std::string(answer[3].as_text());
    return read;
}

std::int64_t kept_ms(lease_ttl ttl, const lock_terms& terms) {
    if (mutant("cool-down-forgotten")) return ttl.span().count();
    return (ttl.span() + terms.cool_down).count();
}

// A call made while there is no connection, or not sent when it breaks, runs over the next one. It
// may face a store that was rolled back meanwhile, so it raises the counter like any first call of
// an epoch.
void add_raise(script_args& args, const lock_core& core, bool raise) {
    const bool as_it_should = !mutant("counter-not-raised-in-a-new-epoch");
    args.add_flag((raise || !core.st.connected()) && as_it_should, as_it_should);
}

}  // namespace

void add_floor(script_args& args, const lock_core& core, const lock_name& name) {
    const auto floor = core.floors.of(name, core.st.epoch());
    args.add(floor.highest.value());
    add_raise(args, core, floor.raise);
}

result<acquire_answer> read_acquire(const reply& answer, lock_attempt& attempt) {
    acquire_answer read;
    switch (answer[0].as_integer()) {
        case 1: read.fence = to_fence(answer[1]); break;
        case -1: return errc::wrong_type;
        default:
            read.waiting.position = answer[1].as_integer();
            read.waiting.holder_ttl = answer[2].as_integer();
            read.waiting.foreign = answer[3].as_integer() == 1;
            if (answer.items().size() > 6)
                read.waiting.holder_trace = std::string(answer[6].as_text());
            if (attempt.waits) attempt.ticket = std::string(answer[4].as_text());
    }
    return read;
}

bool may_repeat(const error_code& ec) noexcept {
    return (ec == condition::retry && errc_of(ec) != errc::shutting_down) ||
           ec == condition::unknown;
}

namespace {

task<result<acquire_answer>> acquire_by_kind(lock_core& core, lock_attempt& attempt) {
    const auto epoch = core.st.epoch();
    const bool was_present = std::exchange(attempt.maybe_present, true);
    auto answer = co_await attempt.kind->acquire(core, attempt);
    if (!answer && answer.error() == condition::retry) attempt.maybe_present = was_present;
    if (answer && !answer->fence && !attempt.waits) attempt.maybe_present = false;
    if (answer && answer->fence && attempt.kind->is_lease())
        core.floors.learn(attempt.name, epoch, *answer->fence);
    co_return answer;
}

}  // namespace

task<result<acquire_answer>> call_acquire(lock_core& core, lock_attempt& attempt) {
    if (attempt.kind) co_return co_await acquire_by_kind(core, attempt);
    const auto epoch = core.st.epoch();
    script_args args(attempt.owner.str(), kept_ms(attempt.ttl, attempt.terms), attempt.member(),
                     attempt.waits ? attempt.ticket : "-");
    add_floor(args, core, attempt.name);
    args.add(provisional_lease.count());
    args.add(attempt.terms.barging.count());
    const bool was_present = std::exchange(attempt.maybe_present, true);
    auto answer = co_await core.st.run(lua::acquire, keys_of(core, attempt.name), std::move(args));
    if (!answer) {
        if (answer.error() == condition::retry) attempt.maybe_present = was_present;
        co_return answer.error();
    }
    auto read = read_mutex_answer(*answer, attempt);
    if (!attempt.waits && !(read && read->fence)) attempt.maybe_present = false;
    if (read && read->fence) core.floors.learn(attempt.name, epoch, *read->fence);
    co_return read;
}

task<result<microseconds>> call_store_clock(lock_core& core, lock_name name) {
    script_keys keys(name.str());
    script_args args;
    const auto answer = co_await core.st.run(lua::store_clock, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    const auto us = answer->integer();
    if (!us) co_return us.error();
    co_return microseconds{*us};
}

extend_answer read_extend(const reply& answer) {
    switch (answer.as_integer()) {
        case 1: return extend_answer::extended;
        case 2: return extend_answer::taken_over;
        default: return extend_answer::erased;
    }
}

task<result<extend_answer>> call_extend(lock_core& core, lease held) {
    if (held.kind()) co_return co_await held.kind()->extend(core, held);
    script_keys keys(held.name().str());
    script_args args(held.owner().str(), kept_ms(held.ttl(), held.terms()));
    auto answer = co_await core.st.run(lua::extend, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return read_extend(*answer);
}

namespace {

// Keeps the lease, and so its kind, while the call is under way.
task<result<bool>> release_by_kind(lock_core& core, lease held) {
    co_return co_await held.kind()->release(core, held.name(), held.owner());
}

}  // namespace

task<result<bool>> call_drop(lock_core& core, lock_name name, owner_id owner) {
    script_keys keys(name.str());
    script_args args(owner.str());
    auto answer = co_await core.st.run(lua::drop, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return answer->as_integer() == 1;
}

namespace {

// `barging`: leaves the lock open while its first waiter has waited for less; 0: hands it on.
// `grant`: only that one; 0: whichever there is.
task<result<bool>> release_by_script(lock_core& core, lock_name name, owner_id owner,
                                     milliseconds barging, fencing_token grant) {
    while (true) {
        script_args args(owner.str());
        add_floor(args, core, name);
        args.add(provisional_lease.count());
        args.add(barging.count());
        if (grant != fencing_token()) args.add(grant.value());
        auto answer = co_await core.st.run(lua::release, keys_of(core, name), std::move(args));
        // A single key tells the owner and not the grant: too little for one that asks again.
        const bool any_grant = grant == fencing_token();
        if (!answer && answer.error() == errc::slot_migrating && any_grant)
            co_return co_await call_drop(core, std::move(name), owner);
        if (!answer) co_return answer.error();
        if (answer->as_integer() != 2) co_return answer->as_integer() == 1;
    }
}

}  // namespace

task<result<bool>> call_release(lock_core& core, lease held) {
    if (held.kind()) return release_by_kind(core, std::move(held));
    return release_by_script(core, held.name(), held.owner(), held.terms().barging,
                             fencing_token());
}

task<result<bool>> call_refuse(lock_core& core, lock_name name, owner_id owner,
                               fencing_token grant) {
    return release_by_script(core, std::move(name), owner, milliseconds{0}, grant);
}

task<result<void>> call_cancel_wait(lock_core& core, lock_attempt attempt) {
    if (attempt.kind) co_return co_await attempt.kind->cancel(core, attempt);
    while (true) {
        script_args args(attempt.owner.str(), attempt.member());
        add_floor(args, core, attempt.name);
        args.add(provisional_lease.count());
        auto answer =
            co_await core.st.run(lua::cancel_wait, keys_of(core, attempt.name), std::move(args));
        if (!answer) co_return answer.error();
        if (answer->as_integer() != 3) co_return result<void>();
    }
}

task<result<std::optional<fencing_token>>> call_accept(lock_core& core, lock_attempt attempt,
                                                       owner_id offered, fencing_token known) {
    const auto epoch = core.st.epoch();
    const auto floor = core.floors.of(attempt.name, epoch);
    script_args args(offered.str(), attempt.owner.str(), kept_ms(attempt.ttl, attempt.terms),
                     attempt.member(), std::max(floor.highest, known).value());
    add_raise(args, core, floor.raise);
    auto answer = co_await core.st.run(lua::accept, keys_of(core, attempt.name), std::move(args));
    if (!answer) co_return answer.error();
    if (answer->as_integer() == 0) co_return std::nullopt;
    const auto fence = to_fence(*answer);
    core.floors.learn(attempt.name, epoch, fence);
    co_return fence;
}

task<result<reserved_fences>> call_reserve(lock_core& core, lock_name name, owner_id owner,
                                           unsigned count, fencing_token used,
                                           std::optional<milliseconds> span) {
    const auto epoch = core.st.epoch();
    const auto floor = core.floors.of(name, epoch);
    script_args args(owner.str(), count, std::max(floor.highest, used).value());
    add_raise(args, core, floor.raise);
    args.add(span ? std::to_string(span->count()) : std::string());
    auto answer = co_await core.st.run(lua::reserve, keys_of(core, name), std::move(args));
    if (!answer) co_return answer.error();
    reserved_fences read;
    if ((*answer)[0].as_integer() == 0) co_return read;
    read.first = to_fence((*answer)[0]);
    read.others_wait = (*answer)[1].as_integer() > 0;
    core.floors.learn(name, epoch, fencing_token(read.first->value() + count - 1));
    co_return read;
}

task<result<bool>> call_revoke(lock_core& core, lock_name name) {
    auto asker = core.who;
    std::ranges::replace(asker, ' ', '_');
    script_args args(std::move(asker));
    auto answer = co_await core.st.run(lua::revoke, keys_of(core, name), std::move(args));
    if (!answer) co_return answer.error();
    if (answer->as_integer() == -1) co_return errc::not_found;
    if (answer->as_integer() == -2) co_return errc::wrong_type;
    co_return answer->as_integer() == 1;
}

}  // namespace holdfast
