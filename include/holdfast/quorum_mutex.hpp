// A quorum lock for programs without an event loop: a thread of its own, and calls that block.
#pragma once

#include "holdfast/client.hpp"
#include "holdfast/quorum_locker.hpp"
#include "holdfast/timed_lockable.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace holdfast {

/// One of the servers, and how to reach it: {"10.0.0.1:6379", store_at("redis://10.0.0.1:6379/0")}.
struct quorum_server {
    std::string name;  ///< what errors call it
    store_factory open;
};

/// One thread with its runtime, a store for each server and a quorum_locker. Mutexes refer to it
/// and must be gone before it. The destructor ends the thread and does no I/O: what is still held
/// then runs out with its ttl. No call may be waiting by then.
class quorum_client {
public:
    /// Returns when the factories have returned; throws what they threw, and invalid_configuration
    /// without servers or with options out of their bounds.
    explicit quorum_client(std::vector<quorum_server>, quorum_options = {},
                           journal& = null_journal());
    ~quorum_client();
    quorum_client(const quorum_client&) = delete;

    /// Waiting locks end with errc::shutting_down. Returns when releases in the background are
    /// done: where a server does not answer, when the lease is over that it may still hold.
    /// Idempotent.
    void close();

private:
    friend class quorum_mutex;
    struct parts;
    std::unique_ptr<parts> parts_;
};

/// TimedLockable, over the servers of its client. What quorum_locker says of exclusion, fences and
/// the lack of a queue holds here, and what `mutex` says of loss and threads: the lease is extended
/// while it is held, lost() fires before somebody else may get in, each thread has its own hold.
///
/// lock() waits for as long as it takes, also for a majority of the servers. try_lock: false when
/// somebody else has it. try_lock_for: false when it was not to be had in time, for whatever
/// reason, up to three node timeouts after that time. None of them is interruptible;
/// quorum_client::close() ends the wait with errc::shutting_down. Other trouble is thrown as
/// boost::system::system_error that names the servers and what they said (store_unavailable: too
/// few answer, or they are younger than longest_lease).
///
/// The destructor does no I/O: a mutex that is destroyed while held is released in the background.
class quorum_mutex : public timed_lockable<quorum_mutex> {
public:
    /// The client must outlive it. `ttl`: at most quorum_options::longest_lease.
    quorum_mutex(quorum_client& owner, lock_name name, lease_ttl ttl = lease_ttl(seconds{30}));
    ~quorum_mutex();
    quorum_mutex(const quorum_mutex&) = delete;

    /// Returns when the servers have answered, or have failed to within the node timeout (then the
    /// release goes on in the background). A lost lock is no error.
    void unlock();

    /// The three below speak of the calling thread's hold. Without one: fence 0, a token that never
    /// fires, `released`.
    fencing_token fence() const;
    std::stop_token lost() const;
    lost_reason reason() const;

private:
    class thread_holds;
    friend timed_lockable<quorum_mutex>;
    bool take(nanoseconds patience);

    quorum_client& client_;
    const lock_name name_;
    const lease_ttl ttl_;
    const std::unique_ptr<thread_holds> holds_;  // destroyed on the client's thread
};

}  // namespace holdfast
