// A mutex of the fleet that its holder may lock again.
#pragma once

#include "holdfast/completion.hpp"
#include "holdfast/mutex.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace holdfast {

/// TimedLockable, by thread: n locks need n unlocks. Only the first lock and the last unlock ask
/// the store; to everybody else it is one `mutex` on that name, and both may be mixed on one name.
///
/// The count belongs to this object and the calling thread. Another object on the same name, in the
/// same thread too, is another owner and waits.
///
/// Failures as `mutex`; locking again after the lease was lost throws errc::lease_lost (the thread
/// must unlock as often as it locked before it can take part again).
class recursive_mutex : public timed_lockable<recursive_mutex> {
public:
    /// The client must outlive it.
    recursive_mutex(client& owner, lock_name name, lease_ttl ttl = lease_ttl(mutex::default_ttl))
        : inner_(owner, std::move(name), ttl) {}

    /// One step back; the last one gives the lock back. Without a hold: nothing happens.
    void unlock();

    /// How often the calling thread has locked it.
    unsigned hold_count() const;

    /// As mutex's.
    fencing_token fence() const { return inner_.fence(); }
    std::stop_token lost() const { return inner_.lost(); }
    lost_reason reason() const { return inner_.reason(); }

private:
    friend timed_lockable<recursive_mutex>;
    bool take(nanoseconds patience) { return again() || first(inner_.try_lock_for(patience)); }
    bool again();
    bool first(bool got);

    mutex inner_;
    mutable std::mutex guard_;
    std::map<std::thread::id, unsigned> counts_;
};

/// One logical owner (a task, a session) that may lock again: the asynchronous face. Calls of one
/// owner follow each other; they do not overlap (errc::invalid_argument).
///
/// Thread rule as locker, which must outlive it. The destructor does no I/O: what is still held is
/// released in the background.
class async_recursive_mutex {
public:
    async_recursive_mutex(locker& locks, lock_name name, lease_ttl ttl);

    /// The fence of the hold. The first one: success, failures and cancellation as locker::acquire;
    /// further ones succeed at once, or fail with lease_lost.
    task<result<fencing_token>> lock(steady_time give_up_at = steady_time::max());
    task<result<fencing_token>> try_lock();
    /// One step back. The last one answers as scoped_lease::release; others true; without a hold
    /// false.
    task<result<bool>> unlock();

    /// The three for any completion token, as void(error_code, T).
    template <class CompletionToken>
    auto async_lock(steady_time give_up_at, CompletionToken&& token) {
        return async_answer(executor(), lock(give_up_at), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_try_lock(CompletionToken&& token) {
        return async_answer(executor(), try_lock(), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_unlock(CompletionToken&& token) {
        return async_answer(executor(), unlock(), std::forward<CompletionToken>(token));
    }

    unsigned hold_count() const noexcept;
    std::stop_token lost() const noexcept;
    lost_reason reason() const noexcept;

private:
    struct state;
    boost::asio::any_io_executor executor() const;
    std::shared_ptr<state> state_;
};

}  // namespace holdfast
