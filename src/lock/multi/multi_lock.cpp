// Several locks as one: the attempt, its lease and the blocking calls.
#include "holdfast/multi_lock.hpp"

#include "lock/acquire.hpp"
#include "lock/blocking_calls.hpp"
#include "lock/lock_keys.hpp"
#include "lock/multi/multi_grant.hpp"

#include <algorithm>

namespace holdfast {
namespace {

constexpr std::size_t most_names = 64;

task<result<multi_lease>> take_together(std::shared_ptr<lock_core> core, lock_names names,
                                        lease_ttl ttl, bool waits, acquire_options options) {
    if (names.all().empty()) co_return errc::invalid_argument;  // they were moved from
    for (const auto& name : names.all())
        if (is_side_key(name, core->st.prefix())) co_return errc::invalid_argument;
    auto grant = std::make_shared<multi_grant>(names.all());
    auto got = co_await acquire_share(std::move(core), names.all().front(), ttl, waits,
                                      std::move(options), grant);
    if (!got) co_return got.error();
    co_return multi_lease(std::move(*got), std::move(grant));
}

task<result<held_locks>> take_and_keep(locker& locks, client& home,
                                       task<result<multi_lease>> acquiring) {
    auto got = co_await std::move(acquiring);
    if (!got) co_return got.error();
    auto kept = std::make_shared<scoped_lease>(locks.keep(got->whole()));
    held_locks held{blocking_lease(home, std::move(kept)), std::move(*got)};
    co_return std::move(held);
}

}  // namespace

result<lock_names> lock_names::parse(std::vector<lock_name> names) {
    if (names.empty() || names.size() > most_names) return errc::invalid_argument;
    auto sorted = names;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) return errc::invalid_argument;
    return lock_names(checked{}, std::move(names));
}

const std::vector<lock_name>& multi_lease::names() const {
    static const std::vector<lock_name> none;
    return grant_ ? grant_->names() : none;
}

fencing_token multi_lease::fence_of(const lock_name& name) const {
    const auto& all = names();
    const auto found = std::ranges::find(all, name);
    if (found == all.end()) return {};
    return grant_->fences()[static_cast<std::size_t>(found - all.begin())];
}

std::vector<lock_name> multi_lease::lost_names() const {
    return grant_ ? grant_->lost_names() : std::vector<lock_name>();
}

task<result<multi_lease>> async_multi_lock::acquire(steady_time give_up_at) {
    return acquire(waiting_until(give_up_at));
}

task<result<multi_lease>> async_multi_lock::acquire(acquire_options options) {
    return take_together(core_, names_, ttl_, true, std::move(options));
}

task<result<multi_lease>> async_multi_lock::try_acquire(acquire_options options) {
    return take_together(core_, names_, ttl_, false, std::move(options));
}

boost::asio::any_io_executor async_multi_lock::executor() const { return core_->rt.executor(); }

held_locks multi_lock::take(nanoseconds patience) {
    auto got = client_.run([this, patience](locker& locks) {
        async_multi_lock together(locks, names_, ttl_);
        auto acquiring = patience <= nanoseconds{0}
                             ? together.try_acquire()
                             : together.acquire(after(locks.now(), patience));
        return take_and_keep(locks, client_, std::move(acquiring));
    });
    if (got) return std::move(*got);
    const auto why = errc_of(got.error());
    if (why == errc::busy || why == errc::timed_out) return {};
    const auto name = names_.all().empty() ? std::string() : names_.all().front().str();
    throw boost::system::system_error(got.error(), "lock " + name + " …");
}

}  // namespace holdfast
