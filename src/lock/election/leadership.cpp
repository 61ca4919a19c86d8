// Extends and ends a leadership; KEYS, ARGV and replies as the heads of the scripts document them.
#include "lock/election/leadership.hpp"

#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

namespace holdfast {

namespace lua = holdfast::scripts::lock;

script_keys election_keys_of(const lock_core& core, const lock_name& name) {
    const auto& prefix = core.st.prefix();
    return script_keys(name.str(), side_key_of(name, prefix, 'q'), side_key_of(name, prefix, 'f'),
                       side_key_of(name, prefix, 'm'), side_key_of(name, prefix, 'v'),
                       side_key_of(name, prefix, 'o'));
}

task<result<acquire_answer>> leadership::acquire(lock_core& core, lock_attempt& attempt) {
    auto plain = attempt;
    plain.kind = nullptr;
    co_return co_await call_acquire(core, plain);
}

task<result<void>> leadership::cancel(lock_core& core, const lock_attempt& attempt) {
    auto plain = attempt;
    plain.kind = nullptr;
    co_return co_await call_cancel_wait(core, std::move(plain));
}

task<result<extend_answer>> leadership::extend(lock_core& core, const lease& held) {
    script_args args(held.owner().str(), held.ttl().span().count());
    script_keys keys(held.name().str());
    const bool due = care_.due(core.rt.now());
    if (due) keys.add(side_key_of(held.name(), core.st.prefix(), 'v'));
    const auto& how = due ? lua::extend_leader : lua::extend;
    auto answer = co_await core.st.run(how, std::move(keys), std::move(args));
    if (due) care_.done(core.rt.now(), answer.has_value());
    if (!answer) co_return answer.error();
    co_return read_extend(*answer);
}

task<result<bool>> leadership::release(lock_core& core, const lock_name& name, owner_id owner) {
    while (true) {
        script_args args(owner.str());
        add_floor(args, core, name);
        args.add(provisional_lease.count());
        auto keys = election_keys_of(core, name);
        auto answer = co_await core.st.run(lua::resign, std::move(keys), std::move(args));
        if (!answer) co_return answer.error();
        if (answer->as_integer() != 2) co_return answer->as_integer() == 1;
    }
}

}  // namespace holdfast
