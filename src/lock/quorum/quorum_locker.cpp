// Rounds over all nodes: take, raise the token, count, give back.
#include "holdfast/quorum_locker.hpp"

#include "lock/lock_keys.hpp"
#include "lock/process_name.hpp"
#include "lock/quorum/quorum_kept.hpp"
#include "lock/quorum/quorum_state.hpp"
#include "lock/wait_plan.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

constexpr milliseconds shortest_pause{10};
constexpr milliseconds longest_pause{200};

milliseconds random_pause(runtime& rt) {
    std::array<std::byte, 2> bytes{};
    rt.fill_random(bytes);
    const auto number = std::to_integer<int>(bytes[0]) * 256 + std::to_integer<int>(bytes[1]);
    return shortest_pause + milliseconds{number % (longest_pause - shortest_pause).count()};
}

task<result<lease>> attempt(std::shared_ptr<quorum_state> state, lock_name name, lease_ttl ttl,
                            std::string* why) {
    const auto met = co_await state->meet(why);
    if (!met) co_return met.error();
    const auto owner = owner_id::random(state->rt);
    const lease wanted(name, owner, fencing_token(), ttl, state->rt.now());
    auto take = state->take(wanted);
    const auto takes = co_await state->ask(std::move(take), any_fence);
    const auto won = state->count(takes, any_fence);
    if (won.yes < state->majority()) {
        if (why != nullptr) *why = state->report("grant", takes, any_fence);
        state->release_later(wanted, node_answers(state->size()));
        co_return won.no <= state->size() - state->majority() ? errc::store_unavailable
                                                              : errc::busy;
    }
    const lease named(name, owner, fencing_token(static_cast<std::uint64_t>(won.highest)), ttl,
                      wanted.valid_until() - ttl.span() + drift_margin(ttl.span()));
    auto raise = state->raise(named);
    const auto writes = co_await state->ask(std::move(raise), exactly_one);
    const bool written = state->count(writes, exactly_one).yes >= state->majority();
    const auto different = state->all_different(why);
    if (!different) {
        state->release_later(named, node_answers(state->size()));
        co_return different.error();
    }
    if (written && named.valid(state->rt.now())) {
        state->record(event_kind::lease_acquired, named);
        co_return named;
    }
    if (why != nullptr)
        *why = state->report(written ? "grant in time" : "keep the token", writes, exactly_one);
    state->release_later(named, node_answers(state->size()));
    co_return written ? errc::timed_out : errc::store_unavailable;
}

}  // namespace

quorum_locker::quorum_locker(runtime& rt, std::vector<quorum_node> nodes, journal& events,
                             quorum_options options) {
    if (nodes.empty())
        throw boost::system::system_error(make_error_code(errc::invalid_configuration),
                                          "a quorum lock needs nodes");
    options.who = shown_as(std::move(options.who));
    state_ = std::make_shared<quorum_state>(rt, std::move(nodes), events, std::move(options));
}

quorum_locker::~quorum_locker() = default;

task<result<lease>> quorum_locker::try_acquire(lock_name name, lease_ttl ttl, std::string* why) {
    const auto state = state_;
    for (const auto& member : state->members)
        if (is_side_key(name, member.node.at->prefix())) co_return errc::invalid_argument;
    if (ttl.span() > state->options.longest_lease) co_return errc::invalid_argument;
    co_return co_await attempt(state, std::move(name), ttl, why);
}

task<result<lease>> quorum_locker::acquire(lock_name name, lease_ttl ttl, steady_time give_up_at,
                                           std::string* why) {
    const auto state = state_;
    while (true) {
        auto got = co_await try_acquire(name, ttl, why);
        if (got) co_return got;
        const auto code = errc_of(got.error());
        if (code != errc::busy && code != errc::store_unavailable && code != errc::timed_out)
            co_return got;
        const auto next = state->rt.now() + random_pause(state->rt);
        if (next >= give_up_at) co_return errc::timed_out;
        co_await state->rt.sleep_until(next);
    }
}

task<result<lease>> quorum_locker::extend(lease held, std::string* why) {
    const auto state = state_;
    if (!held.holds_something()) co_return errc::invalid_argument;
    auto longer = co_await state->extend_everywhere(held, why);
    if (longer) state->record(event_kind::lease_extended, held);
    co_return longer;
}

task<result<bool>> quorum_locker::release(lease held) {
    const auto state = state_;
    if (!held.holds_something()) co_return false;
    co_return co_await state->release_everywhere(held);
}

quorum_hold quorum_locker::keep(lease held, keep_options options) {
    auto kept = std::make_shared<quorum_kept>(state_, std::move(held), std::move(options));
    kept->start();
    return quorum_hold(std::move(kept));
}

task<void> quorum_locker::close() {
    const auto state = state_;
    co_await state->idle();
}

}  // namespace holdfast
