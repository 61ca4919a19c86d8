// Looks who holds it, then throws exactly those out.
#include "lock/force_break.hpp"

#include "lock/calls.hpp"
#include "lock/election/leadership.hpp"
#include "lock/shared/shared_kind.hpp"
#include "lock/survey.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

// Reads {1, fence}, {0}, {2} or {2, fence} and {-1}; repeats what is not done yet.
task<result<fencing_token>> insist(lock_core& core, lock_name name, const script& how,
                                   script_keys keys, script_args args) {
    while (true) {
        const auto epoch = core.st.epoch();
        auto answer = co_await core.st.run(how, keys, args);
        if (!answer) co_return answer.error();
        switch ((*answer)[0].as_integer()) {
            case 2: continue;
            case -1: co_return errc::wrong_type;
            case 0: co_return errc::not_found;
            default: break;
        }
        const fencing_token fence(static_cast<std::uint64_t>((*answer)[1].as_integer()));
        core.floors.learn(name, epoch, fence);
        co_return fence;
    }
}

task<result<fencing_token>> break_mutex(lock_core& core, lock_name name, std::string holder) {
    script_args args(std::move(holder), core.floors.of(name, core.st.epoch()).highest.value(),
                     provisional_lease.count());
    auto keys = election_keys_of(core, name);
    co_return co_await insist(core, std::move(name), lua::force_break, std::move(keys),
                              std::move(args));
}

task<result<fencing_token>> break_shares(lock_core& core, const name_info& seen,
                                         std::string holder) {
    const lock_name name(seen.name);
    const bool rw = seen.kind == lock_family::rw;
    script_args args(std::move(holder), seen.shares.last_fence.value(),
                     core.floors.of(name, core.st.epoch()).highest.value(),
                     provisional_lease.count(), rw ? "rw" : "semaphore");
    auto keys = keys_of_share(rw ? share::family::rw : share::family::semaphore, core, name);
    co_return co_await insist(core, name, lua::shared_break, std::move(keys), std::move(args));
}

}  // namespace

task<result<fencing_token>> break_lock(std::shared_ptr<lock_core> core, lock_name name,
                                       std::string holder) {
    const auto seen = co_await inspect_name(*core, name);
    if (!seen) co_return seen.error();
    const bool meets = seen->kind == lock_family::latch || seen->kind == lock_family::barrier;
    if (meets) co_return errc::wrong_type;
    const bool mutex = seen->mutex.held;
    if (!seen->held() || (mutex && !holder.empty() && holder != seen->mutex.owner))
        co_return errc::not_found;
    auto call = mutex ? break_mutex(*core, std::move(name), seen->mutex.owner)
                      : break_shares(*core, *seen, holder);
    const auto broken = co_await std::move(call);
    if (!broken) co_return broken.error();
    const auto& whom = mutex ? seen->mutex.owner : holder;
    core->events.record({event_kind::lock_broken, seen->name, whom, broken->value()});
    co_return *broken;
}

}  // namespace holdfast
