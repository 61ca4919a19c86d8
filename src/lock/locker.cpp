// The asynchronous face: every call ends in one of the parts.
#include "holdfast/locker.hpp"

#include "lock/acquire.hpp"
#include "lock/calls.hpp"
#include "lock/force_break.hpp"
#include "lock/held_lease.hpp"
#include "lock/lock_keys.hpp"
#include "lock/owner_history.hpp"
#include "lock/process_name.hpp"
#include "lock/survey.hpp"

namespace holdfast {

locker::locker(runtime& rt, store& st, journal& events, locker_options options)
    : core_(std::make_shared<lock_core>(rt, st, events,
                                        shown_as(std::move(options.who), options.build),
                                        options.warn_lock_order)),
      pushes_(st.pushes().listen(
          "lock", [core = core_.get()](std::string_view payload) { core->on_push(payload); })),
      reconnects_(st.pushes().on_reconnect([core = core_.get()] { core->on_reconnect(); })) {
    core_->keeps_history = options.history;
}

locker::~locker() { core_->closing = true; }

boost::asio::any_io_executor locker::executor() const { return core_->rt.executor(); }

steady_time locker::now() const noexcept { return core_->rt.now(); }

task<result<lease>> locker::try_acquire(lock_name name, lease_ttl ttl, acquire_options options) {
    return acquire_lock(core_, std::move(name), ttl, false, std::move(options));
}

task<result<lease>> locker::acquire(lock_name name, lease_ttl ttl, steady_time give_up_at) {
    acquire_options options;
    options.give_up_at = give_up_at;
    return acquire(std::move(name), ttl, std::move(options));
}

task<result<lease>> locker::acquire(lock_name name, lease_ttl ttl, acquire_options options) {
    return acquire_lock(core_, std::move(name), ttl, true, std::move(options));
}

task<result<lease>> locker::extend(lease held) {
    const auto core = core_;
    if (!held.holds_something()) co_return errc::invalid_argument;
    const auto asked_at = core->rt.now();
    const auto answer = co_await call_extend(*core, held);
    if (!answer) co_return answer.error();
    if (*answer != extend_answer::extended) co_return errc::lease_lost;
    core->record(event_kind::lease_extended, held);
    co_return held.extended(asked_at);
}

task<result<bool>> locker::release(lease held) {
    const auto core = core_;
    if (!held.holds_something()) co_return false;
    co_return co_await release_now(core, std::move(held));
}

scoped_lease locker::keep(lease held, keep_options options) {
    auto shared = std::make_shared<held_lease>(core_, std::move(held), std::move(options));
    shared->start();
    return scoped_lease(std::move(shared));
}

task<result<fencing_token>> locker::force_break(lock_name name) {
    return break_lock(core_, std::move(name), std::string());
}

task<result<fencing_token>> locker::force_break(lock_name name, owner_id holder) {
    return break_lock(core_, std::move(name), holder.str());
}

task<result<lease>> locker::accept(lease_offer offer) {
    return accept_offer(core_, std::move(offer));
}

task<result<bool>> locker::request_revoke(lock_name name) {
    const auto core = core_;
    if (is_side_key(name, core->st.prefix())) co_return errc::invalid_argument;
    co_return co_await call_revoke(*core, std::move(name));
}

task<result<std::vector<deadlock>>> locker::find_deadlocks() {
    const auto core = core_;
    const auto seen = co_await list_names(*core);
    if (!seen) co_return seen.error();
    co_return holdfast::find_deadlocks(*seen);
}

task<result<lock_info>> locker::inspect(lock_name name) {
    const auto core = core_;
    co_return co_await inspect_lock(*core, std::move(name));
}

task<result<name_info>> locker::inspect_any(lock_name name) {
    const auto core = core_;
    co_return co_await inspect_name(*core, std::move(name));
}

task<result<std::vector<name_info>>> locker::list_all() {
    const auto core = core_;
    co_return co_await list_names(*core);
}

task<result<std::vector<lock_info>>> locker::list() {
    const auto core = core_;
    co_return co_await list_locks(*core);
}

task<result<std::vector<past_owner>>> locker::history(lock_name name) {
    const auto core = core_;
    co_return co_await read_history(*core, std::move(name));
}

task<void> locker::close() {
    const auto core = core_;
    core->closing = true;
    for (auto& [owner, slot] : core->waiting) slot->wake.notify_all();
    for (auto& [name, watcher] : core->watching) watcher->tell();
    while (!core->waiting.empty() || !core->watching.empty()) {
        // A waiter in the middle of a call notices when that call ends.
        co_await core->waiting_ended.wait();
    }
    co_await core->idle();
}

}  // namespace holdfast
