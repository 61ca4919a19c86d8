// Leader election: one of the fleet leads, everybody can watch who.
#pragma once

#include "holdfast/blocking_lease.hpp"
#include "holdfast/lock_member.hpp"
#include "holdfast/timeout.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace holdfast {

/// What a leader says of itself, such as the address where it answers: up to 4096 bytes.
class leader_value {
public:
    static result<leader_value> parse(std::string text);
    /// Throws boost::system::system_error where parse() would fail.
    explicit leader_value(std::string text)
        : text_(std::move(parse(std::move(text)).value().text_)) {}
    const std::string& str() const noexcept { return text_; }

private:
    struct checked {};
    leader_value(checked, std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Who led when the store was asked. The fence of its lease orders leaders: of two, the one with
/// the higher fence led later.
struct leader_info {
    std::string owner;  ///< owner id of its lease
    fencing_token fence;
    std::string value;
    friend bool operator==(const leader_info&, const leader_info&) = default;
};

/// Nobody: no leader at that moment. The caller may not conclude that the leader it read still
/// leads: whoever is told to obey a leader compares fences.
using leader = std::optional<leader_info>;

/// The asynchronous face. The lock of the name is an ordinary one (locker, `mutex`, inspection and
/// force_break work on it), candidates wait in its queue.
class async_election : private lock_member {
public:
    async_election(locker& locks, lock_name name, lease_ttl ttl)
        : lock_member(locks, std::move(name)), ttl_(ttl) {}

    /// Waits to be elected and proclaims `value`. The lease is kept, extended and released (which
    /// resigns) with the locker's own calls; lost() of a kept one says that it leads no more, at
    /// the latest when its lease is over by its own clock. Between the grant and the proclamation,
    /// one round trip, observers see nobody.
    /// Failures and cancellation as locker::acquire; afterwards the caller does not lead.
    task<result<lease>> campaign(leader_value value, steady_time give_up_at = steady_time::max());
    /// Without waiting: busy when somebody leads.
    task<result<lease>> try_campaign(leader_value value);
    /// Says something else, as the leader. Failures: lease_lost, and as store::run.
    task<result<bool>> proclaim(lease leadership, leader_value value);
    /// Gives the leadership to the next candidate; as locker::release.
    task<result<bool>> resign(lease leadership);

    /// Who leads now. Failures: wrong_type, and as store::run.
    task<result<leader>> current();

    /// The same for any completion token, as void(error_code, T).
    template <class CompletionToken>
    auto async_campaign(leader_value value, steady_time give_up_at, CompletionToken&& token) {
        return answer(campaign(std::move(value), give_up_at), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_try_campaign(leader_value value, CompletionToken&& token) {
        return answer(try_campaign(std::move(value)), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_proclaim(lease leadership, leader_value value, CompletionToken&& token) {
        return answer(proclaim(std::move(leadership), std::move(value)),
                      std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_resign(lease leadership, CompletionToken&& token) {
        return answer(resign(std::move(leadership)), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_current(CompletionToken&& token) {
        return answer(current(), std::forward<CompletionToken>(token));
    }

private:
    lease_ttl ttl_;
};

/// A stream of the changes of one election's leader.
///
/// Woken by push when a leader is proclaimed or resigns and by a timer when a dead one's lease
/// ends; a lost push costs one heartbeat (10 s). Whoever reads slowly sees the newest state and not
/// every one between. Thread rule and lifetime as locker; one next() at a time.
class election_observer : private lock_member {
public:
    election_observer(locker& locks, lock_name name) : lock_member(locks, std::move(name)) {}

    /// The first call: who leads now. Later ones: the next state that differs from the last one
    /// returned. Failures: timed_out; wrong_type; shutting_down; store trouble as store::run, when
    /// nothing is known about the leader (call again). Cancellation throws operation_aborted; the
    /// same through a completion token is errc::cancelled.
    task<result<leader>> next(steady_time give_up_at = steady_time::max());

    /// next() for any completion token, as void(error_code, leader). The observer must outlive it.
    template <class CompletionToken>
    auto async_next(steady_time give_up_at, CompletionToken&& token) {
        return answer(next(give_up_at), std::forward<CompletionToken>(token));
    }

private:
    std::optional<leader> last_;
};

/// The blocking face. What campaign gives leads until released, lost or destroyed, in whichever
/// thread; errors other than "not now" are thrown as boost::system::system_error.
class election {
public:
    /// The client must outlive it and the leases it gave.
    election(client& owner, lock_name name, lease_ttl ttl = lease_ttl(seconds{10}));

    blocking_lease campaign(leader_value value) { return run(std::move(value), forever); }
    /// Holds nothing when it was not elected in time (0: when somebody leads).
    template <class Rep, class Period>
    blocking_lease campaign_for(const std::chrono::duration<Rep, Period>& span,
                                leader_value value) {
        return run(std::move(value), timeout_of(span));
    }
    /// Says something else, as the leader that campaign() made. Throws lease_lost when it leads no
    /// more.
    void proclaim(const blocking_lease& leadership, leader_value value);
    leader current();
    /// Waits for a state that differs from the one it returned last; the first call returns at
    /// once. Nothing in the outer optional: no change in time. One thread at a time.
    template <class Rep, class Period>
    std::optional<leader> next_change(const std::chrono::duration<Rep, Period>& span) {
        return observe(timeout_of(span));
    }

private:
    blocking_lease run(leader_value value, nanoseconds patience);
    std::optional<leader> observe(nanoseconds patience);

    client& client_;
    const lock_name name_;
    const lease_ttl ttl_;
    std::shared_ptr<std::optional<election_observer>> observer_;
};

}  // namespace holdfast
