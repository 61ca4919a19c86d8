// From a mutex's lease to a reader's: rw_share.lua with its repeats.
#include "holdfast/rw_lock.hpp"
#include "lock/lock_keys.hpp"
#include "lock/shared/shared_kind.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

task<result<bool>> call_share(lock_core& core, const lease& held, const shared_kind& reader) {
    lock_attempt described{held.name(), held.owner(), held.ttl(),
                           false,       core.who,     core.st.process_channel()};
    script_args args(held.owner().str(), held.ttl().span().count(), reader.member(described),
                     held.fence().value());
    add_floor(args, core, held.name());
    args.add(provisional_lease.count());
    auto keys = keys_of_share(share::family::rw, core, held.name());
    keys.add(side_key_of(held.name(), core.st.prefix(), 'q'));
    keys.add(side_key_of(held.name(), core.st.prefix(), 'm'));
    const auto answer = co_await core.st.run(lua::rw_share, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return answer->as_integer() == 1;
}

task<result<lease>> become_reader(lock_core& core, lease held, std::shared_ptr<shared_kind> kind) {
    for (unsigned failures = 1;; ++failures) {
        const auto asked_at = core.rt.now();
        const auto answer = co_await call_share(core, held, *kind);
        if (answer && !*answer) co_return errc::lease_lost;
        if (answer)
            co_return lease(held.name(), held.owner(), held.fence(), held.ttl(), asked_at,
                            held.terms(), kind);
        const auto next = core.rt.now() + retry_delay(failures);
        if (!may_repeat(answer.error()) || next >= held.valid_until()) co_return answer.error();
        co_await core.rt.sleep_until(next);
    }
}

// Whichever of the two it is by now goes back; the release of the other does nothing.
void give_back(lock_core& core, const lease& held, std::shared_ptr<shared_kind> kind) {
    core.release_later(held);
    core.release_later(lease(held.name(), held.owner(), held.fence(), held.ttl(), core.rt.now(),
                             held.terms(), std::move(kind)));
}

task<result<lease>> share_mutex(std::shared_ptr<lock_core> core, lease held) {
    if (!held.holds_something() || held.kind()) co_return errc::invalid_argument;
    const share wanted{share::family::rw, static_cast<char>(rw_mode::read)};
    auto kind = std::make_shared<shared_kind>(wanted);
    result<lease> got = errc::cancelled;
    try {
        got = co_await become_reader(*core, held, kind);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    if (!got && got.error() != errc::lease_lost) give_back(*core, held, std::move(kind));
    co_return got;
}

}  // namespace

task<result<lease>> async_rw_lock::share(lease held) { return share_mutex(core_, std::move(held)); }

}  // namespace holdfast
