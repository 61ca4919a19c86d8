// A Redis, a referee, and the processes that disturb each other.
#pragma once

#include "support/redis_server.hpp"
#include "support/redis_wire.hpp"
#include "support/referee.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace holdfast::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A process that takes one lock; see agent.cpp.
struct agent_plan {
    std::string who;
    std::string lock = "n";
    milliseconds ttl = seconds{3};
    milliseconds hold{0};    ///< zero: until lost or stopped
    int turns = 1;           ///< zero: for ever
    std::string store = {};  ///< empty: the world's Redis
    bool blocking = false;   ///< a thread with a mutex (blocking_agent.cpp); turns must be given
};

/// Every test ends with the referee's judgement: no two inside at a time, fences rise.
class fault_world : public testing::Test {
protected:
    explicit fault_world(std::vector<std::string> redis_arguments = {},
                         std::map<std::string, std::string> redis_environment = {});
    void TearDown() override;

    /// A library user, as a process of its own.
    child_process agent(const agent_plan& plan) const;
    /// `holdfast run LOCK …flags -- fault_inside WHO`; the command ignores SIGTERM.
    child_process run(const std::string& lock, const std::string& who,
                      std::vector<std::string> flags = {}, milliseconds span = {}) const;
    child_process holdfast(std::vector<std::string> words) const;

    /// A command in the Redis, on a connection of its own.
    std::string ask(const std::vector<std::string>& command) const;
    long long number(const std::vector<std::string>& command) const;
    /// Until so many stand in the queue of the lock.
    void await_queue(const std::string& lock, long long length) const;
    /// Lets the processes do what they do for so long.
    void live(milliseconds span) const;
    /// The lock's lease has run down below the fraction of its ttl; when it ends at the earliest.
    referee_time await_old_lease(const std::string& lock, milliseconds below) const;
    /// Until a condition holds; looked at every few milliseconds, given up after 60 s.
    void until(const std::function<bool()>& holds) const;

    static referee_time now() { return std::chrono::steady_clock::now(); }

    redis_server redis_;
    referee referee_;
};

double in_seconds(std::chrono::nanoseconds span);
/// The path of a program or library that lies beside the tests.
std::string beside(const std::string& name);

}  // namespace holdfast::test
