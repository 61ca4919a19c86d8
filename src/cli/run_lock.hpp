// The lock of `holdfast run`: held alone or shared, as flock(1) has it, beside plain clients.
#pragma once

#include "holdfast/rw_lock.hpp"

namespace holdfast::cli {

/// As long as nobody shares it, it is a plain mutex: an exclusive run excludes `SET NX PX` clients
/// and is excluded by them. Shared runs make a reader-writer lock of the same key; while it is one,
/// an exclusive run is its writer. A wait changes over when the key does.
///
/// Not to conclude: that a shared try succeeds whenever no exclusive run holds the lock. One that
/// was let in this instant is alone for one round trip more.
class run_lock {
public:
    /// Runtime and locker must outlive it and its calls.
    run_lock(runtime& rt, locker& locks, lock_name name, lease_ttl ttl, bool shared)
        : rt_(rt), locks_(locks), rw_(locks, name, ttl), name_(name), ttl_(ttl), shared_(shared) {}

    /// Success, failures and cancellation as locker::acquire and locker::try_acquire, without head
    /// start and terms; wrong_type when the key holds neither.
    task<result<lease>> acquire(acquire_options options) { return take(true, options); }
    task<result<lease>> try_acquire(acquire_options options) { return take(false, options); }

    /// As async_rw_lock::inspect.
    task<result<sharing_info>> sharing() { return rw_.inspect(); }

private:
    task<result<lease>> take(bool waits, acquire_options options);
    task<result<lease>> take_share(bool waits, acquire_options options);
    task<result<lease>> take_mutex(bool waits, acquire_options options);

    runtime& rt_;
    locker& locks_;
    async_rw_lock rw_;
    lock_name name_;
    lease_ttl ttl_;
    bool shared_;
};

}  // namespace holdfast::cli
