// Many clients that want one lock: who waited how long, in the lines that all programs of the
// comparison print (docs/benchmarks.md).
#pragma once

#include "holdfast/runtime.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::bench {

struct contest_plan {
    int port = 0;
    unsigned clients = 1;
    milliseconds warm{0};  ///< before the measured span
    milliseconds span{0};
    microseconds hold{0};  ///< how long a client keeps the lock
};

/// Prints a line at once: whoever reads it asks the server at that moment.
void say(const std::string& line);

/// One thread.
class contest {
public:
    contest(const runtime& rt, const contest_plan& plan);

    void asked(unsigned client) { clients_[client].asked_at = rt_.now(); }
    void got(unsigned client);

    steady_time warm_until() const noexcept { return begun_at_ + plan_.warm; }
    steady_time ends_at() const noexcept { return warm_until() + plan_.span; }
    /// The clients are connected and start to ask.
    void start(const std::string& what);
    void begin();
    /// Prints every client's waits; one that still waits is shown by how long it has.
    void end();

private:
    struct client_waits {
        std::vector<std::int64_t> microseconds_waited;
        steady_time asked_at = steady_time::max();
    };
    const runtime& rt_;
    contest_plan plan_;
    std::vector<client_waits> clients_;
    steady_time begun_at_{};
    bool counting_ = false;
};

/// The locker on the Redis store: a store, a connection and a channel for each client.
void contend_with_lockers(const contest_plan& plan);
/// hiredis with the same scripts, and nothing else.
void contend_bare(const contest_plan& plan);

/// What the scripts cost the server while `crowd` clients queue for the lock, or while so many
/// other locks are held: `times` of each kind of call between two lines.
void measure_queued(int port, unsigned crowd, unsigned times);
void measure_held(int port, unsigned crowd, unsigned times);

}  // namespace holdfast::bench
