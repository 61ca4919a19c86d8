// The receiving side of a lease that another process offers.
#include "lock/acquire.hpp"

#include "lock/calls.hpp"
#include "lock/lock_keys.hpp"

namespace holdfast {
namespace {

constexpr unsigned tries_without_answer = 3;

}  // namespace

task<result<lease>> accept_offer(std::shared_ptr<lock_core> core, lease_offer offer) {
    if (is_side_key(offer.name(), core->st.prefix())) co_return errc::invalid_argument;
    if (core->closing) co_return errc::shutting_down;
    lock_attempt mine{offer.name(), owner_id::random(core->rt), offer.ttl(), false,
                      core->who,    core->st.process_channel()};
    mine.terms = offer.terms();
    for (unsigned failures = 1;; ++failures) {
        const auto asked_at = core->rt.now();
        const auto answer = co_await call_accept(*core, mine, offer.owner(), offer.fence());
        if (answer && !*answer) co_return errc::lease_lost;
        if (answer) {
            lease got(mine.name, mine.owner, **answer, mine.ttl, asked_at, mine.terms);
            core->record(event_kind::lease_accepted, got);
            co_return got;
        }
        mine.maybe_present = mine.maybe_present || answer.error() == condition::unknown;
        if (!may_repeat(answer.error()) || failures >= tries_without_answer) {
            const auto why = answer.error();
            if (!mine.maybe_present) co_return why;
            core->abandon(std::move(mine));
            co_return errc::outcome_unknown;
        }
        co_await core->rt.sleep_until(core->rt.now() + retry_delay(failures));
    }
}

}  // namespace holdfast
