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

// Whether the options can be meant; otherwise says what is wrong.
const char* why_impossible(const std::vector<quorum_node>& nodes, const quorum_options& options) {
    const auto within = [](milliseconds span, milliseconds most) {
        return span >= milliseconds{1} && span <= most;
    };
    if (nodes.empty()) return "a quorum lock needs nodes";
    for (const auto& node : nodes)
        if (node.at == nullptr) return "a node of a quorum lock has no store";
    if (!within(options.node_timeout, hours{1})) return "node_timeout is 1 ms to 1 h";
    if (!within(options.longest_lease, hours{24})) return "longest_lease is 1 ms to 24 h";
    return nullptr;
}

// The highest counter of a majority is written to a majority before the lease counts.
task<result<lease>> raise_token(std::shared_ptr<quorum_state> state, lease named,
                                std::string* why) {
    auto raise = state->raise(named);
    const auto writes = co_await state->ask(std::move(raise), exactly_one);
    const bool written = state->count(writes, exactly_one).yes >= state->majority();
    const auto different = state->all_different(why);
    if (!different) co_return different.error();
    if (written && named.valid(state->rt.now())) co_return named;
    if (why != nullptr)
        *why = state->report(written ? "grant in time" : "keep the token", writes, exactly_one);
    co_return written ? errc::timed_out : errc::store_unavailable;
}

task<result<lease>> win(std::shared_ptr<quorum_state> state, lease wanted, std::string* why) {
    auto take = state->take(wanted);
    const auto takes = co_await state->ask(std::move(take), any_fence);
    const auto won = state->count(takes, any_fence);
    if (won.yes < state->majority()) {
        if (why != nullptr) *why = state->report("grant", takes, any_fence);
        co_return won.no <= state->size() - state->majority() ? errc::store_unavailable
                                                              : errc::busy;
    }
    const auto ttl = wanted.ttl();
    const lease named(wanted.name(), wanted.owner(),
                      fencing_token(static_cast<std::uint64_t>(won.highest)), ttl,
                      wanted.valid_until() - ttl.span() + drift_margin(ttl.span()));
    co_return co_await raise_token(state, named, why);
}

// What was won, or may have been, is given back unless it is the caller's.
task<result<lease>> attempt(std::shared_ptr<quorum_state> state, lock_name name, lease_ttl ttl,
                            std::string* why) {
    const auto met = co_await state->meet(why);
    if (!met) co_return met.error();
    const auto owner = owner_id::random(state->rt);
    const lease wanted(std::move(name), owner, fencing_token(), ttl, state->rt.now());
    result<lease> got = errc::cancelled;
    try {
        got = co_await win(state, wanted, why);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    if (got)
        state->record(event_kind::lease_acquired, *got);
    else
        state->release_later(wanted, node_answers(state->size()));
    co_return got;
}

task<result<lease>> attempt_once(std::shared_ptr<quorum_state> state, lock_name name, lease_ttl ttl,
                                 std::string* why) {
    const bool nameless = name.str().empty();  // it was moved from
    for (const auto& member : state->members)
        if (nameless || is_side_key(name, member.node.at->prefix()))
            co_return errc::invalid_argument;
    if (ttl.span() > state->options.longest_lease) co_return errc::invalid_argument;
    if (state->closing) co_return errc::shutting_down;
    co_return co_await attempt(std::move(state), std::move(name), ttl, why);
}

bool may_pass(const error_code& why) {
    const auto code = errc_of(why);
    return code == errc::busy || code == errc::store_unavailable || code == errc::timed_out;
}

task<result<lease>> attempt_until(std::shared_ptr<quorum_state> state, lock_name name,
                                  lease_ttl ttl, steady_time give_up_at, std::string* why) {
    while (true) {
        auto got = co_await attempt_once(state, name, ttl, why);
        if (got || !may_pass(got.error())) co_return got;
        const auto next = state->rt.now() + random_pause(state->rt);
        if (next >= give_up_at) co_return errc::timed_out;
        co_await state->rt.sleep_until(next);
    }
}

// close() waits for it; a cancellation between two steps is an answer as well.
task<result<lease>> counted(std::shared_ptr<quorum_state> state, task<result<lease>> work) {
    const auto noted = state->under_way();
    try {
        co_return co_await std::move(work);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    co_return errc::cancelled;
}

task<result<lease>> extend_once(std::shared_ptr<quorum_state> state, lease held, std::string* why) {
    if (!held.holds_something()) co_return errc::invalid_argument;
    auto longer = co_await state->extend_everywhere(held, why);
    if (longer) state->record(event_kind::lease_extended, held);
    co_return longer;
}

task<result<bool>> release_once(std::shared_ptr<quorum_state> state, lease held) {
    if (!held.holds_something()) co_return false;
    co_return co_await state->release_everywhere(std::move(held));
}

}  // namespace

quorum_locker::quorum_locker(runtime& rt, std::vector<quorum_node> nodes, journal& events,
                             quorum_options options) {
    if (const auto* why = why_impossible(nodes, options))
        throw boost::system::system_error(make_error_code(errc::invalid_configuration), why);
    options.who = shown_as(std::move(options.who));
    state_ = std::make_shared<quorum_state>(rt, std::move(nodes), events, std::move(options));
}

quorum_locker::~quorum_locker() = default;

boost::asio::any_io_executor quorum_locker::executor() const { return state_->rt.executor(); }

task<result<lease>> quorum_locker::try_acquire(lock_name name, lease_ttl ttl, std::string* why) {
    return counted(state_, attempt_once(state_, std::move(name), ttl, why));
}

task<result<lease>> quorum_locker::acquire(lock_name name, lease_ttl ttl, steady_time give_up_at,
                                           std::string* why) {
    return counted(state_, attempt_until(state_, std::move(name), ttl, give_up_at, why));
}

task<result<lease>> quorum_locker::extend(lease held, std::string* why) {
    return extend_once(state_, std::move(held), why);
}

task<result<bool>> quorum_locker::release(lease held) {
    return release_once(state_, std::move(held));
}

quorum_hold quorum_locker::keep(lease held, keep_options options) {
    auto kept = std::make_shared<quorum_kept>(state_, std::move(held), std::move(options));
    kept->start();
    return quorum_hold(std::move(kept));
}

task<void> quorum_locker::close() {
    const auto state = state_;
    state->closing = true;
    co_await state->idle();
}

}  // namespace holdfast
