// Rounds over all nodes: take, raise the token, count, give back.
#include "holdfast/quorum_locker.hpp"

#include "lock/lock_keys.hpp"
#include "lock/process_name.hpp"
#include "lock/quorum/quorum_state.hpp"
#include "lock/wait_plan.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

constexpr milliseconds shortest_pause{10};
constexpr milliseconds longest_pause{200};

struct tally {
    std::size_t yes = 0;
    std::size_t no = 0;      ///< answered, and the answer will not become yes
    std::size_t silent = 0;  ///< no answer, or a node that does not count
    std::int64_t highest = 0;
};

tally count(const quorum_state& state, const node_answers& answers, yes_range yes) {
    tally sum;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto& said = answers[i];
        if (!said || !*said || !state.counts(i)) {
            ++sum.silent;
        } else if (yes.holds(**said)) {
            ++sum.yes;
            sum.highest = std::max(sum.highest, **said);
        } else {
            ++sum.no;
        }
    }
    return sum;
}

std::function<bool(const node_answers&)> when_decided(std::shared_ptr<quorum_state> state,
                                                      yes_range yes) {
    return [state = std::move(state), yes](const node_answers& answers) {
        const auto sum = count(*state, answers, yes);
        const auto open = static_cast<std::size_t>(
            std::ranges::count_if(answers, [](const auto& one) { return !one.has_value(); }));
        return sum.yes >= state->majority() || sum.yes + open < state->majority();
    };
}

milliseconds random_pause(runtime& rt) {
    std::array<std::byte, 2> bytes{};
    rt.fill_random(bytes);
    const auto number = std::to_integer<int>(bytes[0]) * 256 + std::to_integer<int>(bytes[1]);
    return shortest_pause + milliseconds{number % (longest_pause - shortest_pause).count()};
}

void note(const quorum_state& state, std::string* why, std::string_view wish,
          const node_answers& answers, yes_range yes) {
    if (why != nullptr) *why = state.report(wish, answers, yes);
}

void record(quorum_state& state, event_kind kind, const lease& held) {
    const auto owner = held.owner().str();
    state.events.record({kind, held.name().str(), owner, held.fence().value(), {}});
}

task<result<lease>> attempt(std::shared_ptr<quorum_state> state, lock_name name, lease_ttl ttl,
                            std::string* why) {
    const auto met = co_await state->meet(why);
    if (!met) co_return met.error();
    const auto owner = owner_id::random(state->rt);
    const lease wanted(name, owner, fencing_token(), ttl, state->rt.now());
    const auto takes = co_await state->ask(state->take(wanted), when_decided(state, any_fence));
    const auto won = count(*state, takes, any_fence);
    if (won.yes < state->majority()) {
        note(*state, why, "grant", takes, any_fence);
        state->release_later(wanted, node_answers(state->size()));
        co_return won.silent > state->size() - state->majority() ? errc::store_unavailable
                                                                 : errc::busy;
    }
    const lease named(name, owner, fencing_token(static_cast<std::uint64_t>(won.highest)), ttl,
                      wanted.valid_until() - ttl.span() + drift_margin(ttl.span()));
    const auto writes = co_await state->ask(state->raise(named), when_decided(state, exactly_one));
    const bool written = count(*state, writes, exactly_one).yes >= state->majority();
    if (written && named.valid(state->rt.now())) {
        record(*state, event_kind::lease_acquired, named);
        co_return named;
    }
    note(*state, why, written ? "grant in time" : "keep the token", writes, exactly_one);
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
    const auto asked_at = state->rt.now();
    const auto answers = co_await state->ask(state->extend(held), when_decided(state, exactly_one));
    const auto sum = count(*state, answers, exactly_one);
    if (sum.yes >= state->majority() && held.valid(state->rt.now())) {
        record(*state, event_kind::lease_extended, held);
        co_return held.extended(asked_at);
    }
    note(*state, why, "extend", answers, exactly_one);
    const bool hopeless = sum.no > state->size() - state->majority();
    co_return hopeless || !held.valid(state->rt.now()) ? errc::lease_lost : errc::store_unavailable;
}

task<result<bool>> quorum_locker::release(lease held) {
    const auto state = state_;
    if (!held.holds_something()) co_return false;
    const auto nobody_yet = [](const node_answers&) { return false; };
    const auto answers = co_await state->ask(state->give_back(held), nobody_yet);
    state->release_later(held, answers);
    std::size_t yes = 0;
    for (const auto& said : answers) yes += said && *said && **said >= 1 ? 1 : 0;
    if (yes >= state->majority()) record(*state, event_kind::lease_released, held);
    co_return yes >= state->majority();
}

task<void> quorum_locker::close() {
    const auto state = state_;
    co_await state->idle();
}

}  // namespace holdfast
