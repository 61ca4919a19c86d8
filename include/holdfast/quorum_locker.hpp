// One lock over several independent Redis servers: it holds while a majority of them does.
#pragma once

#include "holdfast/completion.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/lease.hpp"
#include "holdfast/quorum_hold.hpp"
#include "holdfast/scoped_lease.hpp"
#include "holdfast/store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace holdfast {

class quorum_state;

/// One of the servers. They must not replicate each other.
struct quorum_node {
    std::string name;     ///< what errors call it: "10.0.0.1:6379"
    store* at = nullptr;  ///< outlives the locker
};

struct quorum_options {
    /// How long one node may take for one step, 1 ms to an hour. Short against the ttl: a node that
    /// answers later counts as down for this attempt.
    milliseconds node_timeout{100};

    /// No lease of the fleet is longer than this, and none may be asked for: 1 ms to 24 h. A node
    /// whose data is younger (it restarted, perhaps empty, or has never been used before) may have
    /// forgotten a lease: it does not count until it is this old.
    milliseconds longest_lease{60000};

    std::string who = {};  ///< shown by inspection; empty: "<host name>/<process id>"
};

/// Redlock as its critics want it: all nodes are asked at once; validity counts from before the
/// first request, less the drift margin; a minority that was won is given back; a node that lost
/// its data is kept out for the longest lease; fencing tokens rise (see below). It survives the
/// loss of any minority of the nodes, at the price of no queue: who waits asks again after random
/// pauses, and the order is by chance.
///
/// Tokens: the highest counter among a majority of the nodes is taken, then written to a majority
/// before the lease is returned. Any two majorities share a node, so the next holder reads a
/// counter that is not below it.
///
/// Two quorum leases on one name never both report valid() while clocks differ in rate by less than
/// 1 % and no more than a minority of the nodes forget at a time. `why`, where given, must outlive
/// the call and gets one sentence that names every node and what it said.
///
/// Nothing extends a quorum lease by itself: keep() it, or call extend() well before valid_until().
///
/// The async_… forms take any completion token, as void(error_code, T) for a task<result<T>>; they
/// tell no `why`.
///
/// Thread rule: the runtime's thread. The stores and the runtime outlive the calls that run. Even
/// numbers of nodes work and tolerate no more failures than one less.
class quorum_locker {
public:
    /// Wiring: throws boost::system::system_error (invalid_configuration) without nodes, for a node
    /// without a store and for options out of their bounds.
    quorum_locker(runtime&, std::vector<quorum_node>, journal& = null_journal(),
                  quorum_options = {});
    ~quorum_locker();
    quorum_locker(const quorum_locker&) = delete;

    /// One attempt.
    /// Failures: busy (somebody else holds it on so many nodes that no majority is left);
    /// store_unavailable (too few nodes answered, or are old enough); timed_out (a majority was won
    /// too late to be of use); invalid_argument (the ttl is above longest_lease);
    /// invalid_configuration (two nodes are one server, or replicate each other). Nothing stays
    /// held: what was won is given back, in the background where a node does not answer.
    /// Cancellation (any type): errc::cancelled, and the same. shutting_down after close().
    task<result<lease>> try_acquire(lock_name, lease_ttl, std::string* why = nullptr);
    template <class CompletionToken>
    auto async_try_acquire(lock_name name, lease_ttl ttl, CompletionToken&& token) {
        return async_answer(executor(), try_acquire(std::move(name), ttl),
                            std::forward<CompletionToken>(token));
    }

    /// Attempts with random pauses until `give_up_at`, one at least; what may pass with time (busy,
    /// store_unavailable, timed_out) is waited for. The last one may end up to three node timeouts
    /// after the limit. Failures: timed_out, and the rest as above. Cancellation as above.
    task<result<lease>> acquire(lock_name, lease_ttl, steady_time give_up_at = steady_time::max(),
                                std::string* why = nullptr);
    template <class CompletionToken>
    auto async_acquire(lock_name name, lease_ttl ttl, steady_time give_up_at,
                       CompletionToken&& token) {
        return async_answer(executor(), acquire(std::move(name), ttl, give_up_at),
                            std::forward<CompletionToken>(token));
    }

    /// For another ttl from now. Failures: lease_lost (a majority is out of reach for good: it
    /// holds nothing or something else); store_unavailable (too few answered; the old lease stays
    /// what it was). Cancellation (any type): throws operation_aborted; some nodes may keep it for
    /// longer then, and the old lease stays what it was.
    task<result<lease>> extend(lease, std::string* why = nullptr);
    template <class CompletionToken>
    auto async_extend(lease held, CompletionToken&& token) {
        return async_answer(executor(), extend(std::move(held)),
                            std::forward<CompletionToken>(token));
    }

    /// Gives it back on every node. True: a majority still held it. Nodes that do not answer are
    /// asked again in the background until the lease is over. Cancellation (any type):
    /// errc::cancelled, and it goes on in the background on every node.
    task<result<bool>> release(lease);
    template <class CompletionToken>
    auto async_release(lease held, CompletionToken&& token) {
        return async_answer(executor(), release(std::move(held)),
                            std::forward<CompletionToken>(token));
    }

    /// Keeps it alive from now on. The nodes' stores must outlive what is kept; this object need
    /// not. Precondition: lease.holds_something(), and nothing else extends or releases it.
    quorum_hold keep(lease, keep_options = {});

    /// Ends waiting acquires with errc::shutting_down, at the latest when their next attempt ends,
    /// and returns when the background work (giving back) is done. Leases stay held, and are kept
    /// if they were, until released.
    task<void> close();

private:
    boost::asio::any_io_executor executor() const;
    std::shared_ptr<quorum_state> state_;
};

}  // namespace holdfast
