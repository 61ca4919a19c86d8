// Reader-writer locks: attempts of the shared kind, and the changes of mode.
#include "holdfast/rw_lock.hpp"
#include "lock/acquire.hpp"
#include "lock/rw/upgrade_kind.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

std::shared_ptr<lock_kind> kind_of(rw_mode mode) {
    const share wanted{share::family::rw, static_cast<char>(mode)};
    return std::make_shared<shared_kind>(wanted);
}

// The engine's lease speaks for the attempt; the right belongs to the owner that had the intent.
lease as_writer(const lease& intent, const lease& granted) {
    const auto ttl = granted.ttl();
    const auto asked_at = granted.valid_until() + drift_margin(ttl.span()) - ttl.span();
    return lease(intent.name(), intent.owner(), granted.fence(), ttl, asked_at, intent.terms(),
                 intent.kind());
}

task<result<lease>> upgrade_to_writer(std::shared_ptr<lock_core> core, lease intent,
                                      steady_time give_up_at) {
    if (!intent.holds_something()) co_return errc::invalid_argument;
    auto kind = std::make_shared<upgrade_kind>(intent.owner());
    const auto got = co_await acquire_lock(std::move(core), intent.name(), intent.ttl(), true,
                                           waiting_until(give_up_at), std::move(kind));
    if (!got) co_return got.error();
    co_return as_writer(intent, *got);
}

task<result<bool>> convert(std::shared_ptr<lock_core> core, lease held, rw_mode to) {
    if (!held.holds_something()) co_return errc::invalid_argument;
    script_args args(held.owner().str(), std::string(1, static_cast<char>(to)));
    add_floor(args, *core, held.name());
    args.add(provisional_lease.count());
    auto keys = keys_of_share(share::family::rw, *core, held.name());
    const auto answer = co_await core->st.run(lua::rw_convert, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    switch (answer->as_integer()) {
        case 1: co_return true;
        case 2: co_return errc::invalid_argument;
        default: co_return errc::lease_lost;
    }
}

}  // namespace

task<result<lease>> async_rw_lock::acquire(rw_mode mode, steady_time give_up_at) {
    return acquire(mode, waiting_until(give_up_at));
}

task<result<lease>> async_rw_lock::acquire(rw_mode mode, acquire_options options) {
    return acquire_share(core_, name_, ttl_, true, std::move(options), kind_of(mode));
}

task<result<lease>> async_rw_lock::try_acquire(rw_mode mode, acquire_options options) {
    return acquire_share(core_, name_, ttl_, false, std::move(options), kind_of(mode));
}

task<result<lease>> async_rw_lock::upgrade(lease intent, steady_time give_up_at) {
    return upgrade_to_writer(core_, std::move(intent), give_up_at);
}

task<result<bool>> async_rw_lock::downgrade(lease held, rw_mode to) {
    return convert(core_, std::move(held), to);
}

task<result<sharing_info>> async_rw_lock::inspect() {
    return inspect_shares(core_, share::family::rw, name_);
}

}  // namespace holdfast
