// Holdfast for programs without an event loop: a thread of its own, and calls that block.
#pragma once

#include "holdfast/journal.hpp"
#include "holdfast/locker.hpp"
#include "holdfast/store.hpp"

#include <functional>
#include <future>
#include <memory>
#include <utility>

namespace holdfast {

/// Opens the store that a client uses; called once, on the client's thread. May throw.
using store_factory = std::function<std::unique_ptr<store>(runtime&)>;

/// One thread with its runtime, store and locker. Blocking calls from any other thread.
///
/// Mutexes refer to their client and must be gone before it. The destructor ends the thread and
/// does no I/O: what is still held then runs out with its ttl. Call close() first to give up
/// places in queues and finish releases; no call may be waiting by then.
///
/// A child of fork() has no such thread: there nothing of a client may be used, nor destroyed. Open
/// another one after the fork, or fork before the first.
class client {
public:
    /// Returns when the factory has returned; throws what it threw.
    explicit client(store_factory open, journal& events = null_journal(), locker_options = {});
    ~client();
    client(const client&) = delete;

    /// Runs `start(locker)` on the client's thread and waits for the coroutine's value; rethrows
    /// what it throws. Not from the client's own thread. `start` must not refer to anything that
    /// ends before the call returns.
    template <class Start>
    auto run(Start start) {
        using value = typename decltype(start(std::declval<locker&>()))::value_type;
        std::promise<value> promise;
        auto answer = promise.get_future();
        spawn(carry<value>(std::move(start), std::move(promise)));
        return answer.get();
    }

    /// Waiting locks end with errc::shutting_down; background releases are finished. Idempotent.
    void close();

private:
    friend class blocking_lease;
    struct parts;
    using job = std::function<task<void>(locker&)>;

    template <class Value, class Start>
    static job carry(Start start, std::promise<Value> promise) {
        auto shared = std::make_shared<std::pair<Start, std::promise<Value>>>(std::move(start),
                                                                              std::move(promise));
        return [shared](locker& locks) { return deliver(shared, locks); };
    }
    template <class Shared>
    static task<void> deliver(Shared shared, locker& locks) {
        try {
            auto work = shared->first(locks);
            if constexpr (std::is_void_v<typename decltype(work)::value_type>) {
                co_await std::move(work);
                shared->second.set_value();
            } else {
                shared->second.set_value(co_await std::move(work));
            }
        } catch (...) {
            shared->second.set_exception(std::current_exception());
        }
    }
    void spawn(job);

    std::unique_ptr<parts> parts_;
};

}  // namespace holdfast
