// The blocking calls of an election.
#include "holdfast/election.hpp"
#include "lock/blocking_calls.hpp"

namespace holdfast {
namespace {

using shared_observer = std::shared_ptr<std::optional<election_observer>>;

task<result<leader>> observe_next(locker& locks, shared_observer observer, lock_name name,
                                  nanoseconds span) {
    if (!*observer) observer->emplace(locks, std::move(name));
    co_return co_await (*observer)->next(after(locks.now(), span));
}

}  // namespace

election::election(client& owner, lock_name name, lease_ttl ttl)
    : client_(owner),
      name_(std::move(name)),
      ttl_(ttl),
      observer_(std::make_shared<std::optional<election_observer>>()) {}

blocking_lease election::run(leader_value value, nanoseconds span) {
    auto how = [this, span, value = std::move(value)](locker& locks) {
        async_election office(locks, name_, ttl_);
        if (span <= nanoseconds{0}) return office.try_campaign(value);
        return office.campaign(value, after(locks.now(), span));
    };
    return hold_or_nothing(blocking_lease::take(client_, std::move(how)), name_);
}

void election::proclaim(const blocking_lease& leadership, leader_value value) {
    const auto held = leadership.current();
    auto say = [this, held, value = std::move(value)](locker& locks) {
        return async_election(locks, name_, ttl_).proclaim(held, value);
    };
    const auto said = client_.run(std::move(say));
    if (!said) throw boost::system::system_error(said.error(), "election " + name_.str());
}

leader election::current() {
    auto seen =
        client_.run([this](locker& locks) { return async_election(locks, name_, ttl_).current(); });
    if (!seen) throw boost::system::system_error(seen.error(), "election " + name_.str());
    return std::move(*seen);
}

std::optional<leader> election::observe(nanoseconds span) {
    auto seen = client_.run(
        [this, span](locker& locks) { return observe_next(locks, observer_, name_, span); });
    if (seen) return std::move(*seen);
    if (errc_of(seen.error()) == errc::timed_out) return std::nullopt;
    throw boost::system::system_error(seen.error(), "election " + name_.str());
}

}  // namespace holdfast
