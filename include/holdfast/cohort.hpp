// One lock for all threads and coroutines of a process: they pass it among themselves in memory.
#pragma once

#include "holdfast/client.hpp"
#include "holdfast/completion.hpp"
#include "holdfast/locker.hpp"
#include "holdfast/timed_lockable.hpp"

#include <memory>
#include <stop_token>
#include <utility>

namespace holdfast {

class cohort_state;

struct cohort_options {
    /// How often the lock is passed on in memory, and for how long, before the store is asked
    /// whether another process waits for it. If one does, it gets the lock then: it waits for at
    /// most this and the turn under way when the budget ends. 1 to 1000 passes, 24 h at most.
    unsigned passes = 16;
    milliseconds span{5};
};

/// One turn with the lock. Ends when destroyed: without I/O, the lock is passed on or given back in
/// the background. Any thread.
class [[nodiscard]] cohort_turn {
public:
    /// Nothing is held.
    cohort_turn() = default;
    cohort_turn(std::shared_ptr<cohort_state> of, fencing_token fence)
        : of_(std::move(of)), fence_(fence) {}
    cohort_turn(cohort_turn&& other) noexcept
        : of_(std::move(other.of_)), fence_(std::exchange(other.fence_, {})) {}
    cohort_turn& operator=(cohort_turn&& other) noexcept;
    ~cohort_turn();

    bool holds_something() const noexcept { return of_ != nullptr; }
    /// This turn's own: above that of every turn before, in this process or another.
    fencing_token fence() const noexcept { return fence_; }
    /// Fires when the process has lost the lock, as scoped_lease::lost() says; the same for all
    /// turns of one lease.
    std::stop_token lost() const;

private:
    std::shared_ptr<cohort_state> of_;
    fencing_token fence_;
};

/// The lock as seen by one process. First come, first served inside it, fair to other processes by
/// budget. The fleet sees one holder; inspection shows the first fence of a batch.
///
/// The locker must outlive it. Not recursive. A turn that was granted by passing is valid under the
/// lease that the first turn of the batch took and the keep-alive extends.
class cohort {
public:
    /// On the locker's thread. Throws boost::system::system_error (invalid_argument) when the
    /// options are out of bounds.
    cohort(locker&, lock_name, lease_ttl, cohort_options = {});
    cohort(const cohort&) = delete;
    ~cohort();

    /// On the locker's thread. Failures: timed_out, and as locker::acquire; shutting_down only once
    /// the store would have to be asked. Cancellation (any type): errc::cancelled; nothing stays
    /// held. This object may be destroyed while it runs.
    task<result<cohort_turn>> acquire(steady_time give_up_at = steady_time::max());
    /// acquire() for any completion token, as void(error_code, cohort_turn).
    template <class CompletionToken>
    auto async_acquire(steady_time give_up_at, CompletionToken&& token) {
        return async_answer(executor(), acquire(give_up_at), std::forward<CompletionToken>(token));
    }

    /// Blocks; from any other thread. Failures as acquire(). Without patience: one try, busy also
    /// when somebody of this process has the lock or waits for it.
    result<cohort_turn> wait(nanoseconds patience = forever);

private:
    boost::asio::any_io_executor executor() const;
    std::shared_ptr<cohort_state> state_;
};

/// A cohort with the interface of std::timed_mutex, for threads of a client. Everything that
/// mutex.hpp says about losing the lock holds here too.
class cohort_mutex : public timed_lockable<cohort_mutex> {
public:
    /// The client must outlive it. Throws as cohort's constructor.
    cohort_mutex(client& owner, lock_name name, lease_ttl ttl, cohort_options options = {});

    /// Only by the thread that holds it.
    void unlock() { const auto ended = std::move(turn_); }

    /// Of the holder, called by the holder.
    fencing_token fence() const { return turn_.fence(); }
    std::stop_token lost() const { return turn_.lost(); }

private:
    /// False: busy or timed out. Throws any other failure.
    friend timed_lockable<cohort_mutex>;
    bool take(nanoseconds patience);

    std::shared_ptr<cohort> cohort_;
    cohort_turn turn_;  // touched by the holder only
};

}  // namespace holdfast
