// A mutex for the whole fleet, with the interface of std::timed_mutex.
#pragma once

#include "holdfast/client.hpp"
#include "holdfast/lease.hpp"
#include "holdfast/timed_lockable.hpp"

#include <memory>
#include <stop_token>

namespace holdfast {

class thread_leases;

/// TimedLockable: works with std::unique_lock, std::lock and the rest. Not recursive. One object
/// may be used by many threads, and many objects (in many processes) may name the same lock.
///
/// Unlike a std::mutex it can be lost while it is held: the lease is extended in the background,
/// and when that fails for a whole ttl somebody else may get in. lost() fires before that, so a
/// std::lock_guard alone is not enough around work that outlasts the ttl: watch lost(), and send
/// fence() along with every write to a resource that can check it.
///
/// lock, try_lock*: success means what locker::acquire says. Busy is `false`. Every other trouble
/// is thrown as boost::system::system_error and never looks like "busy": lock() waits for a store
/// that is away, the others throw errc::store_unavailable. Not interruptible; client::close() ends
/// the wait with errc::shutting_down.
///
/// The destructor does no I/O: a mutex that is destroyed while held is released in the background.
class mutex : public timed_lockable<mutex> {
public:
    static constexpr milliseconds default_ttl{30000};

    /// The client must outlive it. `ttl` bounds how long a crash of this process keeps others out.
    mutex(client& owner, lock_name name, lease_ttl ttl = lease_ttl(default_ttl));
    ~mutex();
    mutex(const mutex&) = delete;

    /// Gives the lock back. Returns when the store has answered, or has failed to within its call
    /// time limit (then the release goes on in the background). A lost lock is no error.
    void unlock();

    /// The three below speak of the calling thread's hold. Without one: fence 0, a token that never
    /// fires, `released`.
    fencing_token fence() const;
    std::stop_token lost() const;
    lost_reason reason() const;

private:
    friend timed_lockable<mutex>;
    bool take(nanoseconds patience);

    client& client_;
    const lock_name name_;
    const lease_ttl ttl_;
    const std::unique_ptr<thread_leases> holds_;
};

}  // namespace holdfast
