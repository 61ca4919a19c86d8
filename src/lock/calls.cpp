// KEYS, ARGV and replies as the heads of the .lua files document them.
#include "lock/calls.hpp"

#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

script_keys keys_of(lock_core& core, const lock_name& name) {
    return all_keys_of(name, core.st.prefix());
}

fencing_token to_fence(const reply& value) {
    return fencing_token(static_cast<std::uint64_t>(value.as_integer()));
}

// A call made while there is no connection runs over the next one, which may face a store that was
// rolled back meanwhile: it raises the counter like any first call of an epoch.
void add_floor(script_args& args, lock_core& core, const lock_name& name) {
    const auto floor = core.floors.of(name, core.st.epoch());
    args.add(floor.highest.value());
    args.add(floor.raise || !core.st.connected() ? "1" : "0");
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
            if (attempt.waits) attempt.ticket = std::string(answer[4].as_text());
    }
    return read;
}

}  // namespace

bool may_repeat(const error_code& ec) noexcept {
    return (ec == condition::retry && errc_of(ec) != errc::shutting_down) ||
           ec == condition::unknown;
}

task<result<acquire_answer>> call_acquire(lock_core& core, lock_attempt& attempt) {
    const auto epoch = core.st.epoch();
    script_args args(attempt.owner.str(), attempt.ttl.span().count(),
                     attempt.waits ? attempt.member() : std::string(), attempt.ticket,
                     attempt.who + "|" + attempt.channel);
    add_floor(args, core, attempt.name);
    args.add(provisional_lease.count());
    const bool was_present = std::exchange(attempt.maybe_present, true);
    auto answer = co_await core.st.run(lua::acquire, keys_of(core, attempt.name), std::move(args));
    if (!answer) {
        if (answer.error() == condition::retry) attempt.maybe_present = was_present;
        co_return answer.error();
    }
    auto read = read_acquire(*answer, attempt);
    if (!attempt.waits && !(read && read->fence)) attempt.maybe_present = false;
    if (read && read->fence) core.floors.learn(attempt.name, epoch, *read->fence);
    co_return read;
}

task<result<extend_answer>> call_extend(lock_core& core, lease held) {
    script_keys keys(held.name().str());
    script_args args(held.owner().str(), held.ttl().span().count());
    auto answer = co_await core.st.run(lua::extend, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    switch (answer->as_integer()) {
        case 1: co_return extend_answer::extended;
        case 2: co_return extend_answer::taken_over;
        default: co_return extend_answer::erased;
    }
}

task<result<bool>> call_release(lock_core& core, lock_name name, owner_id owner) {
    while (true) {
        script_args args(owner.str());
        add_floor(args, core, name);
        args.add(provisional_lease.count());
        auto answer = co_await core.st.run(lua::release, keys_of(core, name), std::move(args));
        if (!answer) co_return answer.error();
        if (answer->as_integer() != 2) co_return answer->as_integer() == 1;
    }
}

task<result<void>> call_cancel_wait(lock_core& core, lock_attempt attempt) {
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

task<result<break_answer>> call_force_break(lock_core& core, lock_name name, std::string holder) {
    while (true) {
        const auto epoch = core.st.epoch();
        script_args args(holder, core.floors.of(name, epoch).highest.value(),
                         provisional_lease.count());
        auto answer = co_await core.st.run(lua::force_break, keys_of(core, name), std::move(args));
        if (!answer) co_return answer.error();
        const auto outcome = (*answer)[0].as_integer();
        if (outcome == 2) continue;
        if (outcome == -1) co_return errc::wrong_type;
        break_answer read;
        if (outcome == 1) {
            read.fence = to_fence((*answer)[1]);
            core.floors.learn(name, epoch, *read.fence);
        }
        co_return read;
    }
}

}  // namespace holdfast
