// KEYS, ARGV and replies as rw_upgrade.lua and rw_stay.lua document them.
#include "lock/rw/upgrade_kind.hpp"

#include "lock_scripts.hpp"

namespace holdfast {

namespace lua = holdfast::scripts::lock;

task<result<acquire_answer>> upgrade_kind::acquire(lock_core& core, lock_attempt& attempt) {
    script_args args(holder_.str(), attempt.owner.str(), attempt.channel,
                     attempt.ttl.span().count());
    add_floor(args, core, attempt.name);
    auto keys = keys_of_share(share::family::rw, core, attempt.name);
    auto answer = co_await core.st.run(lua::rw_upgrade, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if ((*answer)[0].as_integer() == -2) co_return errc::lease_lost;
    if ((*answer)[0].as_integer() == -3) co_return errc::invalid_argument;
    co_return read_acquire(*answer, attempt);
}

task<result<void>> upgrade_kind::cancel(lock_core& core, const lock_attempt& attempt) {
    script_args args(holder_.str(), attempt.owner.str());
    add_floor(args, core, attempt.name);
    args.add(provisional_lease.count());
    auto keys = keys_of_share(share::family::rw, core, attempt.name);
    auto answer = co_await core.st.run(lua::rw_stay, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return result<void>();
}

}  // namespace holdfast
