// KEYS, ARGV and replies as the heads of the shared_*.lua files document them.
#include "lock/shared/shared_kind.hpp"

#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

const char* name_of(share::family family) {
    return family == share::family::rw ? "rw" : "semaphore";
}

}  // namespace

script_keys keys_of_share(share::family family, const lock_core& core, const lock_name& name) {
    auto keys = shared_keys_of(name, core.st.prefix());
    if (family == share::family::semaphore) keys.add(side_key_of(name, core.st.prefix(), 'c'));
    return keys;
}

std::string shared_kind::member(const lock_attempt& attempt) const {
    return attempt.owner.str() + "|" + std::to_string(attempt.ttl.span().count()) + "|" +
           wanted_.mode + "|" + std::to_string(wanted_.weight) + "|" + attempt.signature() + "|" +
           attempt.channel;
}

task<result<acquire_answer>> shared_kind::acquire(lock_core& core, lock_attempt& attempt) {
    script_args args(attempt.owner.str(), attempt.ttl.span().count(), member(attempt),
                     attempt.waits ? "1" : "0", attempt.ticket);
    add_floor(args, core, attempt.name);
    args.add(provisional_lease.count());
    args.add(name_of(wanted_.of));
    args.add(wanted_.initial_capacity ? std::to_string(*wanted_.initial_capacity) : std::string());
    args.add(wanted_.all_free ? "1" : "0");
    auto keys = keys_of_share(wanted_.of, core, attempt.name);
    auto answer = co_await core.st.run(lua::shared_acquire, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if ((*answer)[0].as_integer() == -2) co_return errc::not_found;
    if ((*answer)[0].as_integer() == -3) co_return errc::invalid_argument;
    if ((*answer)[0].as_integer() == 1)
        wanted_.weight = static_cast<std::uint32_t>((*answer)[3].as_integer());
    co_return read_acquire(*answer, attempt);
}

task<result<bool>> shared_kind::leave(lock_core& core, lock_name name, owner_id owner,
                                      std::string member) {
    script_args args(owner.str(), std::move(member));
    add_floor(args, core, name);
    args.add(provisional_lease.count());
    args.add(name_of(wanted_.of));
    auto keys = keys_of_share(wanted_.of, core, name);
    auto answer = co_await core.st.run(lua::shared_release, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return answer->as_integer() == 1;
}

task<result<void>> shared_kind::cancel(lock_core& core, const lock_attempt& attempt) {
    const auto left = co_await leave(core, attempt.name, attempt.owner, member(attempt));
    if (!left) co_return left.error();
    co_return result<void>();
}

task<result<bool>> shared_kind::release(lock_core& core, const lock_name& name, owner_id owner) {
    co_return co_await leave(core, name, owner, std::string());
}

task<result<extend_answer>> shared_kind::extend(lock_core& core, const lease& held) {
    const bool upgradable = wanted_.mode == 'u';
    script_args args(held.owner().str(), held.ttl().span().count());
    args.add(upgradable ? std::to_string(held.fence().value()) : std::string());
    script_keys keys(held.name().str());
    const bool due = care_.due(core.rt.now());
    if (due || upgradable) keys.add(side_key_of(held.name(), core.st.prefix(), 'g'));
    auto answer = co_await core.st.run(lua::shared_extend, std::move(keys), std::move(args));
    if (due) care_.done(core.rt.now(), answer.has_value());
    if (!answer) co_return answer.error();
    co_return answer->as_integer() == 1 ? extend_answer::extended : extend_answer::erased;
}

}  // namespace holdfast
