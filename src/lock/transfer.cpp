// The receiving side of a lease that another process offers.
#include "lock/acquire.hpp"

#include "lock/calls.hpp"
#include "lock/lock_keys.hpp"

namespace holdfast {
namespace {

constexpr unsigned tries_without_answer = 3;

task<result<lease>> ask(lock_core& core, lock_attempt& mine, const lease_offer& offer) {
    for (unsigned failures = 1;; ++failures) {
        const auto asked_at = core.rt.now();
        const bool was_present = std::exchange(mine.maybe_present, true);
        const auto answer = co_await call_accept(core, mine, offer.owner(), offer.fence());
        mine.maybe_present = was_present || (!answer && answer.error() == condition::unknown);
        if (answer && !*answer) co_return errc::lease_lost;
        if (answer)
            co_return lease(mine.name, mine.owner, **answer, mine.ttl, asked_at, mine.terms);
        if (!may_repeat(answer.error()) || failures >= tries_without_answer)
            co_return mine.maybe_present ? make_error_code(errc::outcome_unknown) : answer.error();
        co_await core.rt.sleep_until(core.rt.now() + retry_delay(failures));
    }
}

}  // namespace

task<result<lease>> accept_offer(std::shared_ptr<lock_core> core, lease_offer offer) {
    if (is_side_key(offer.name(), core->st.prefix())) co_return errc::invalid_argument;
    if (core->closing) co_return errc::shutting_down;
    lock_attempt mine{offer.name(), owner_id::random(core->rt), offer.ttl(), false,
                      core->who,    core->st.process_channel()};
    mine.terms = offer.terms();
    result<lease> got = errc::cancelled;
    try {
        got = co_await ask(*core, mine, offer);
    } catch (const boost::system::system_error& error) {
        if (error.code() != boost::asio::error::operation_aborted) throw;
    }
    if (got) core->record(event_kind::lease_accepted, *got);
    const bool settled = got || got.error() == errc::lease_lost;
    if (!settled && mine.maybe_present) core->abandon(std::move(mine));
    co_return got;
}

}  // namespace holdfast
