// Candidates: a plain attempt for the lock, then the proclamation.
#include "holdfast/election.hpp"

#include "lock/acquire.hpp"
#include "lock/election/leadership.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr std::size_t longest_value = 4096;

task<result<bool>> say(std::shared_ptr<lock_core> core, lease held, leader_value value) {
    if (!held.holds_something()) co_return errc::invalid_argument;
    script_args args(held.owner().str(), held.fence().value(), value.str());
    auto keys = election_keys_of(*core, held.name());
    const auto answer = co_await core->st.run(lua::proclaim, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if (answer->as_integer() != 1) co_return errc::lease_lost;
    co_return true;
}

// Who was elected and cannot say so for a moment has still been elected.
task<result<bool>> insist_on(std::shared_ptr<lock_core> core, lease office, leader_value value) {
    for (unsigned failures = 1;; ++failures) {
        const auto said = co_await say(core, office, value);
        const auto next = core->rt.now() + retry_delay(failures);
        if (said || !may_repeat(said.error()) || next >= office.valid_until()) co_return said;
        co_await core->rt.sleep_until(next);
    }
}

lease as_leader(const lease& won) {
    const auto ttl = won.ttl();
    const auto asked_at = won.valid_until() + drift_margin(ttl.span()) - ttl.span();
    return lease(won.name(), won.owner(), won.fence(), ttl, asked_at, won.terms(),
                 std::make_shared<leadership>());
}

task<result<lease>> run_for_office(std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                                   leader_value value, bool waits, steady_time give_up_at) {
    auto won = co_await acquire_lock(core, std::move(name), ttl, waits, waiting_until(give_up_at));
    if (!won) co_return won.error();
    auto office = as_leader(*won);
    result<bool> said = errc::cancelled;
    try {
        said = co_await insist_on(core, office, std::move(value));
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    if (said) co_return std::move(office);
    core->release_later(office);
    co_return said.error();
}

}  // namespace

result<leader_value> leader_value::parse(std::string text) {
    if (text.size() > longest_value) return errc::invalid_argument;
    return leader_value(checked{}, std::move(text));
}

task<result<lease>> async_election::campaign(leader_value value, steady_time give_up_at) {
    return run_for_office(core_, name_, ttl_, std::move(value), true, give_up_at);
}

task<result<lease>> async_election::try_campaign(leader_value value) {
    return run_for_office(core_, name_, ttl_, std::move(value), false, {});
}

task<result<bool>> async_election::proclaim(lease office, leader_value value) {
    return say(core_, std::move(office), std::move(value));
}

task<result<bool>> async_election::resign(lease office) {
    return release_now(core_, std::move(office));
}

}  // namespace holdfast
