// Scripts on single nodes, and what is known of each node.
#include "lock/quorum/quorum_state.hpp"

#include "lock/calls.hpp"
#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

bool never_enough(const node_answers&) { return false; }

// What extend.lua says where somebody else is in the way.
bool somebody_else(const node_answers& answers) {
    return std::ranges::any_of(answers,
                               [](const auto& said) { return said && *said && **said == 2; });
}

task<result<std::int64_t>> run_one(std::shared_ptr<quorum_state> self, std::size_t node,
                                   const script& what, script_keys keys, script_args args) {
    auto answer = co_await self->members[node].node.at->run(what, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return answer->is_integer() ? answer->as_integer() : 0;
}

std::string member_of(const quorum_state& state, const store& at, const lease& wanted) {
    return wanted.owner().str() + "|" + std::to_string(wanted.ttl().span().count()) + "|" +
           state.options.who + "|" + at.process_channel();
}

}  // namespace

quorum_state::quorum_state(runtime& runtime, std::vector<quorum_node> nodes, journal& journal,
                           quorum_options how)
    : rt(runtime), events(journal), options(std::move(how)), background_(runtime.executor()) {
    for (auto& node : nodes) members.push_back({std::move(node)});
}

bool quorum_state::counts(std::size_t node) const {
    const auto& member = members[node];
    return member.known_in_epoch == member.node.at->epoch() && rt.now() >= member.counts_from;
}

task<result<std::int64_t>> quorum_state::introduce(std::size_t node) {
    auto& member = members[node];
    auto& at = *member.node.at;
    const auto epoch = at.epoch();
    if (member.known_in_epoch == epoch && epoch != 0) co_return 1;
    script_keys keys(at.prefix() + "node");
    script_args args(owner_id::random(rt).str());
    auto answer = co_await at.run(lua::quorum_node, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    // The call may have waited for a new connection: what it says then belongs to no epoch before.
    if (at.epoch() != epoch) co_return errc::store_unavailable;
    member.known_in_epoch = epoch;
    member.data_set = std::string((*answer)[0].as_text());
    const auto age = milliseconds{(*answer)[1].as_integer()};
    member.counts_from = rt.now() + std::max(options.longest_lease - age, milliseconds{0});
    co_return 1;
}

result<void> quorum_state::all_different(std::string* why) const {
    for (std::size_t i = 0; i < size(); ++i)
        for (std::size_t j = i + 1; j < size(); ++j) {
            if (members[i].data_set.empty() || members[i].data_set != members[j].data_set) continue;
            if (why != nullptr)
                *why = members[i].node.name + " and " + members[j].node.name +
                       " are one data set; a quorum needs servers that do not replicate each "
                       "other; name each once";
            return errc::invalid_configuration;
        }
    return {};
}

task<result<void>> quorum_state::meet(std::string* why) {
    auto self = shared_from_this();
    node_question question = [self](std::size_t node) { return self->introduce(node); };
    auto enough = [self](const node_answers&) {
        std::size_t counting = 0;
        for (std::size_t i = 0; i < self->size(); ++i) counting += self->counts(i) ? 1 : 0;
        return counting >= self->majority();
    };
    (void)co_await ask_all(rt, size(), options.node_timeout, std::move(question),
                           std::move(enough));
    co_return all_different(why);
}

node_question quorum_state::take(const lease& wanted) {
    return [self = shared_from_this(), wanted](std::size_t node) {
        auto& at = *self->members[node].node.at;
        script_args args(wanted.owner().str(), wanted.ttl().span().count(),
                         member_of(*self, at, wanted), "-", 0, "1", provisional_lease.count(), "0");
        return run_one(self, node, lua::acquire, all_keys_of(wanted.name(), at.prefix()),
                       std::move(args));
    };
}

node_question quorum_state::raise(const lease& wanted) {
    return [self = shared_from_this(), wanted](std::size_t node) {
        auto& at = *self->members[node].node.at;
        const auto all = all_keys_of(wanted.name(), at.prefix()).values();
        script_keys keys(all[0], all[2]);
        script_args args(wanted.owner().str(), wanted.fence().value());
        return run_one(self, node, lua::quorum_raise, std::move(keys), std::move(args));
    };
}

node_question quorum_state::extend(const lease& held) {
    return [self = shared_from_this(), held](std::size_t node) {
        script_keys keys(held.name().str());
        script_args args(held.owner().str(), held.ttl().span().count());
        return run_one(self, node, lua::extend, std::move(keys), std::move(args));
    };
}

node_question quorum_state::give_back(const lease& held) {
    return [self = shared_from_this(), held](std::size_t node) {
        auto& at = *self->members[node].node.at;
        script_args args(held.owner().str(), 0, "0", provisional_lease.count(), 0);
        return run_one(self, node, lua::release, all_keys_of(held.name(), at.prefix()),
                       std::move(args));
    };
}

quorum_tally quorum_state::count(const node_answers& answers, yes_range yes) const {
    quorum_tally sum;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto& said = answers[i];
        if (!said || !*said || !counts(i)) continue;
        const bool agrees = yes.holds(**said);
        ++(agrees ? sum.yes : sum.no);
        if (agrees) sum.highest = std::max(sum.highest, **said);
    }
    return sum;
}

task<node_answers> quorum_state::ask(node_question question, yes_range yes) {
    auto decided = [self = shared_from_this(), yes](const node_answers& answers) {
        const auto agreed = self->count(answers, yes).yes;
        const auto open = static_cast<std::size_t>(
            std::ranges::count_if(answers, [](const auto& said) { return !said.has_value(); }));
        return agreed >= self->majority() || agreed + open < self->majority();
    };
    return ask_all(rt, size(), options.node_timeout, std::move(question), std::move(decided));
}

// A connection may be new since the lease was taken: the nodes are met again first.
task<result<lease>> quorum_state::extend_everywhere(lease held, std::string* why,
                                                    lost_reason* refusal) {
    const auto self = shared_from_this();
    const auto met = co_await meet(why);
    if (!met) co_return met.error();
    const auto asked_at = rt.now();
    auto question = extend(held);
    const auto answers = co_await ask(std::move(question), exactly_one);
    const auto sum = count(answers, exactly_one);
    const bool in_time = held.valid(rt.now());
    if (sum.yes >= majority() && in_time) co_return held.extended(asked_at);
    if (why != nullptr) *why = report("extend", answers, exactly_one);
    const bool refused = sum.no > size() - majority();
    if (refused && refusal != nullptr)
        *refusal = somebody_else(answers) ? lost_reason::taken_over : lost_reason::erased;
    co_return refused || !in_time ? errc::lease_lost : errc::store_unavailable;
}

task<result<bool>> quorum_state::release_everywhere(lease held) {
    const auto self = shared_from_this();
    node_answers answers(size());
    bool cancelled = false;
    try {
        auto question = give_back(held);
        answers =
            co_await ask_all(rt, size(), options.node_timeout, std::move(question), never_enough);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
        cancelled = true;
    }
    release_later(held, answers);
    if (cancelled) co_return errc::cancelled;
    std::size_t yes = 0;
    for (const auto& said : answers) yes += said && *said && **said >= 1 ? 1 : 0;
    if (yes >= majority()) record(event_kind::lease_released, held);
    co_return yes >= majority();
}

void quorum_state::record(event_kind kind, const lease& held, std::string_view detail) {
    const auto owner = held.owner().str();
    const event happened{kind, held.name().str(), owner, held.fence().value(), detail};
    events.record(happened);
}

task<void> quorum_state::insist(std::shared_ptr<quorum_state> self, std::size_t node, lease held) {
    const auto until = self->rt.now() + held.ttl().span();
    for (unsigned failures = 1;; ++failures) {
        auto call = self->give_back(held)(node);
        const auto answer = co_await std::move(call);
        if (answer && *answer != 2) co_return;  // 2: many dead waiters, repeat
        if (!answer && !may_repeat(answer.error())) co_return;
        const auto next = self->rt.now() + retry_delay(failures);
        if (next >= until) co_return;
        co_await self->rt.sleep_until(next);
    }
}

void quorum_state::release_later(lease held, node_answers known) {
    for (std::size_t i = 0; i < size(); ++i) {
        if (known[i] && *known[i] && **known[i] != 2) continue;
        in_background(insist(shared_from_this(), i, held));
    }
}

std::string quorum_state::report(std::string_view wish, const node_answers& answers,
                                 yes_range yes) const {
    std::string text = std::to_string(majority()) + " of " + std::to_string(size()) +
                       " nodes must " + std::string(wish);
    for (std::size_t i = 0; i < size(); ++i) {
        text += "; " + members[i].node.name + ": ";
        const auto& said = answers[i];
        const bool met = members[i].known_in_epoch == members[i].node.at->epoch();
        if (said && !*said)
            text += said->error().message();
        else if (met && rt.now() < members[i].counts_from)
            text += "too young: it may have forgotten a lease";
        else if (!said || !met)
            text += "not waited for";
        else
            text += yes.holds(**said) ? "yes" : "held by somebody else, or not held";
    }
    return text;
}

}  // namespace holdfast
