// A fleet in one thread: several processes' stores and lockers over one shared state.
#pragma once

#include "holdfast/locker.hpp"
#include "store/contract/script_of.hpp"
#include "support/redis_server.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

/// Where the shared state is.
class shared_state {
public:
    virtual std::unique_ptr<store> open(real_world& world) = 0;
    virtual ~shared_state() = default;
};
std::unique_ptr<shared_state> in_memory();
std::unique_ptr<shared_state> in_redis();
/// In a server of the test's own, which must outlive it.
std::unique_ptr<shared_state> in_redis_at(const redis_server& server);

/// Remembers what happened, as "lease.acquired name detail".
class event_notes final : public journal {
public:
    void record(const event& happened) override;
    bool has(std::string_view note) const;
    std::vector<std::string> notes;
};

/// One process of the fleet.
struct process_view {
    process_view(real_world& world, shared_state& shared)
        : st(shared.open(world)), locks(world.runtime, *st, events) {}
    event_notes events;
    std::unique_ptr<store> st;
    locker locks;
};

/// A world with two processes `a` and `b`; more with join().
class lock_fleet {
public:
    explicit lock_fleet(std::unique_ptr<shared_state> shared);

    std::unique_ptr<process_view> join() { return std::make_unique<process_view>(world, *shared_); }
    /// One more connection, for a store of the test's own.
    std::unique_ptr<store> open() { return shared_->open(world); }
    template <class T>
    T run(task<T> work) {
        return world.run(std::move(work));
    }
    /// A command by its name and arguments, as any foreign client would send it.
    reply raw(std::vector<std::string> command);
    std::string text(std::vector<std::string> command) {
        return std::string(raw(std::move(command)).as_text());
    }
    /// Lets the world go on until the condition holds; a test failure after 20 s.
    void until(std::function<bool()> holds);
    void sleep(nanoseconds span) { world.run(world.runtime.sleep_until(now() + span)); }
    steady_time now() { return world.runtime.now(); }

    lease take(process_view& who, const std::string& name, milliseconds ttl = seconds{30});
    errc try_take(process_view& who, const std::string& name);
    bool give(process_view& who, lease held) { return *run(who.locks.release(std::move(held))); }
    lock_info look(const std::string& name) { return *run(a->locks.inspect(lock_name(name))); }

    /// Starts an acquire that goes on while the test does other things.
    struct pending {
        std::optional<result<lease>> got;
        boost::asio::cancellation_signal cancel;
        bool done() const { return got.has_value(); }
        errc error() const { return got && !*got ? errc_of(got->error()) : errc{}; }
    };
    std::unique_ptr<pending> start(process_view& who, const std::string& name,
                                   milliseconds ttl = seconds{30},
                                   nanoseconds patience = nanoseconds::max());
    /// start(), and returns when it stands in the queue.
    std::unique_ptr<pending> queue(process_view& who, const std::string& name,
                                   milliseconds ttl = seconds{30});

    real_world world;

private:
    std::unique_ptr<shared_state> shared_;

public:
    std::unique_ptr<process_view> a;
    std::unique_ptr<process_view> b;
};

/// Runs a case over both stores.
class both_stores : public testing::TestWithParam<std::unique_ptr<shared_state> (*)()> {
protected:
    lock_fleet fleet{GetParam()()};
};

}  // namespace holdfast::test
