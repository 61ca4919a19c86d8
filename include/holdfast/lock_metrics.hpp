// What the events of locks add up to: waits, holds, hand-overs, losses, as Prometheus reads them.
#pragma once

#include "holdfast/journal.hpp"
#include "holdfast/runtime.hpp"

#include <memory>
#include <string>

namespace holdfast {

class metrics;

/// A journal that counts and measures, and passes every event on. Give it to a locker.
///
/// - holdfast_lock_wait_seconds: histogram, from joining a queue to the grant. Locks that were free
///   are not in it.
/// - holdfast_lock_hold_seconds: histogram, from the grant to the release or the loss.
/// - holdfast_lock_acquired_total, holdfast_lock_handovers_total: all grants, and those after a
///   wait.
/// - holdfast_lock_lost_total{reason}: leases that ended before they were given back.
/// - holdfast_lock_brain_splits_total: losses where the store had given the lock to somebody else
///   while this holder still believed in its lease. More than zero means that a store lost writes
///   or stepped its clock.
/// - holdfast_lock_margin_seconds: histogram, how much of a lease was left when it was extended. A
///   healthy one is two thirds of the ttl; one near zero is about to be lost.
/// - holdfast_lock_clock_steps_total: steps of the store's clock, seen with the next heartbeat.
///
/// Whoever records the lease events is counted: lockers, and in the daemon the leases of job runs
/// and of the renewals that ask a user table (given back when the renewal ends, although that lease
/// is left to its end in the store).
///
/// Cost: a map entry for each lock waited for or held. Thread rule: record() is thread-safe and
/// holds a mutex for the length of a map look-up; so one object may serve several runtimes whose
/// clocks agree, as those of one process do.
class lock_metrics final : public journal {
public:
    /// With a registry of its own.
    explicit lock_metrics(const runtime& clock, journal& next = null_journal());
    /// Into a registry that other rooms share. It outlives the object.
    lock_metrics(metrics& into, const runtime& clock, journal& next = null_journal());
    ~lock_metrics();
    lock_metrics(const lock_metrics&) = delete;

    void record(const event&) override;

    /// Prometheus text exposition format 0.0.4 of the whole registry.
    std::string exposition() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace holdfast
