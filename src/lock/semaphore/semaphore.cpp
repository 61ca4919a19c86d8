// Semaphores: attempts of the shared kind, and the capacity.
#include "holdfast/semaphore.hpp"

#include "lock/acquire.hpp"
#include "lock/blocking_calls.hpp"
#include "lock/shared/shared_kind.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr std::int64_t most_permits = 1'000'000'000;

std::shared_ptr<shared_kind> kind_of(permits wanted, std::optional<permits> initial) {
    share what{share::family::semaphore, 's', wanted.count()};
    if (initial) what.initial_capacity = initial->count();
    return std::make_shared<shared_kind>(what);
}

task<result<bool>> write_capacity(std::shared_ptr<lock_core> core, lock_name name,
                                  std::string capacity) {
    script_args args(std::move(capacity));
    add_floor(args, *core, name);
    args.add(provisional_lease.count());
    auto keys = keys_of_share(share::family::semaphore, *core, name);
    const auto answer = co_await core->st.run(lua::set_capacity, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if (answer->as_integer() != 1) co_return errc::wrong_type;
    co_return true;
}

task<result<drained_permits>> take_the_free(std::shared_ptr<lock_core> core, lock_name name,
                                            lease_ttl ttl, std::optional<permits> initial) {
    share what{share::family::semaphore, 's'};
    what.all_free = true;
    if (initial) what.initial_capacity = initial->count();
    const auto kind = std::make_shared<shared_kind>(what);
    acquire_options options;
    auto got = co_await acquire_lock(std::move(core), std::move(name), ttl, false,
                                     std::move(options), kind);
    if (!got) co_return got.error();
    drained_permits taken{std::move(*got), kind->weight()};
    co_return std::move(taken);
}

task<result<lease>> drain_and_count(async_semaphore of, std::shared_ptr<std::uint32_t> count) {
    auto taken = co_await of.drain();
    if (!taken) co_return taken.error();
    *count = taken->count;
    co_return std::move(taken->kept);
}

task<result<bool>> release_permit(std::shared_ptr<lock_core> core, lock_name name,
                                  owner_id permit) {
    const auto kind = kind_of(permits(1), std::nullopt);
    co_return co_await kind->release(*core, std::move(name), permit);
}

}  // namespace

result<permits> permits::parse(std::int64_t count) {
    if (count < 1 || count > most_permits) return errc::invalid_argument;
    return permits(checked{}, static_cast<std::uint32_t>(count));
}

task<result<lease>> async_semaphore::acquire(permits wanted, steady_time give_up_at) {
    return acquire(wanted, waiting_until(give_up_at));
}

task<result<lease>> async_semaphore::acquire(permits wanted, acquire_options options) {
    auto kind = kind_of(wanted, initial_);
    return acquire_share(core_, name_, ttl_, true, std::move(options), std::move(kind));
}

task<result<lease>> async_semaphore::try_acquire(permits wanted, acquire_options options) {
    auto kind = kind_of(wanted, initial_);
    return acquire_share(core_, name_, ttl_, false, std::move(options), std::move(kind));
}

task<result<drained_permits>> async_semaphore::drain() {
    return take_the_free(core_, name_, ttl_, initial_);
}

task<result<bool>> async_semaphore::release(owner_id permit) {
    return release_permit(core_, name_, permit);
}

task<result<bool>> async_semaphore::set_capacity(permits capacity) {
    return write_capacity(core_, name_, std::to_string(capacity.count()));
}

task<result<bool>> async_semaphore::forget_capacity() {
    return write_capacity(core_, name_, std::string());
}

task<result<sharing_info>> async_semaphore::inspect() {
    return inspect_shares(core_, share::family::semaphore, name_);
}

blocking_lease semaphore::take(permits wanted, nanoseconds patience) {
    auto how = [this, wanted, patience](locker& locks) {
        async_semaphore permits_of(locks, name_, ttl_, initial_);
        if (patience <= nanoseconds{0}) return permits_of.try_acquire(wanted);
        return permits_of.acquire(wanted, after(locks.now(), patience));
    };
    return hold_or_nothing(blocking_lease::take(client_, how), name_);
}

held_permits semaphore::drain() {
    auto count = std::make_shared<std::uint32_t>(0);
    auto how = [this, count](locker& locks) {
        return drain_and_count(async_semaphore(locks, name_, ttl_, initial_), count);
    };
    auto kept = hold_or_nothing(blocking_lease::take(client_, how), name_);
    return {std::move(kept), *count};
}

bool semaphore::release(owner_id permit) {
    const auto done = client_.run([this, permit](locker& locks) {
        return async_semaphore(locks, name_, ttl_).release(permit);
    });
    if (!done) throw boost::system::system_error(done.error(), "semaphore " + name_.str());
    return *done;
}

void semaphore::set_capacity(permits capacity) {
    const auto done = client_.run([this, capacity](locker& locks) {
        return async_semaphore(locks, name_, ttl_).set_capacity(capacity);
    });
    if (!done) throw boost::system::system_error(done.error(), "semaphore " + name_.str());
}

}  // namespace holdfast
