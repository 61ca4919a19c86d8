// Who of this process has the lock, who is next, and when the store has to be asked.
#pragma once

#include "holdfast/cohort.hpp"
#include "lock/lock_core.hpp"

#include <deque>
#include <functional>
#include <mutex>

namespace holdfast {

/// One thread or coroutine in line. `outcome` is guarded by the state's mutex; `wake` is called
/// once when it is set, on any thread.
struct cohort_waiter {
    std::function<void()> wake;
    steady_time give_up_at = steady_time::max();
    std::optional<nanoseconds> patience = {};  ///< instead, by who may not read the clock
    bool one_try = false;                      ///< stays in line until it has its outcome
    std::optional<result<fencing_token>> outcome = {};
};

/// Guarded by its mutex, but for what only the locker's thread touches. Whatever speaks to the
/// store is one coroutine on that thread, the pilot; it runs from when somebody joins an idle line
/// until it has granted a turn, and again when a turn ends that cannot be passed on in memory.
class cohort_state : public std::enable_shared_from_this<cohort_state> {
public:
    cohort_state(locker& locks, std::shared_ptr<lock_core> core, lock_name name, lease_ttl ttl,
                 cohort_options options);

    void join(const std::shared_ptr<cohort_waiter>& waiter);
    /// Joins only an idle line, for one try. False: somebody here has the lock or is about to.
    bool join_if_idle(const std::shared_ptr<cohort_waiter>& waiter);
    /// The waiter stops waiting: its outcome so far, if it has one.
    std::optional<result<fencing_token>> leave(const std::shared_ptr<cohort_waiter>& waiter);
    /// A turn is over.
    void end_turn();
    std::stop_token lost() const;
    runtime& rt() const { return core_->rt; }

private:
    using waiter_ptr = std::shared_ptr<cohort_waiter>;

    static task<void> pilot(std::shared_ptr<cohort_state> self);
    static task<void> watch_span(std::shared_ptr<cohort_state> self, std::uint64_t batch);
    void start_pilot();
    task<bool> lead();
    task<bool> renew_batch();
    task<void> give_back();
    waiter_ptr take_front();
    bool pass_on(std::unique_lock<std::mutex>& locked);
    void fail_front(error_code why);
    waiter_ptr first_of_one_try();
    steady_time latest_deadline();
    task<void> until_deserted();
    bool deserted() const;

    locker& locks_;
    std::shared_ptr<lock_core> core_;
    const lock_name name_;
    const lease_ttl ttl_;
    const cohort_options options_;

    scoped_lease held_;          // these two: the locker's thread only
    bool budget_begun_ = false;  // a batch has been reserved under this lease
    mutable std::mutex guard_;
    std::deque<waiter_ptr> line_;
    bool busy_ = false;        // a turn is on, or the pilot is
    fencing_token last_used_;  // of this lease
    fencing_token last_reserved_;
    bool batch_over_ = false;
    std::uint64_t batch_ = 0;
    std::stop_token lost_;
    wake_event left_;  // the locker's thread only
};

}  // namespace holdfast
