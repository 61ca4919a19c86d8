// The one thing that goes up: what happened, as events. Logs, metrics and the simulator's checkers
// all read this.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class event_kind {
    lease_acquired,  ///< subject lock, who owner, number fence
    lease_extended,  ///< by its keep-alive: detail, the microseconds it had left
    lease_released,
    lease_lost,    ///< detail: the reason
    lock_waiting,  ///< number: position in the queue
    lock_order,  ///< taken in the opposite order elsewhere; who: the agent, detail: the other lock
    lease_accepted,    ///< taken over from another process
    revoke_requested,  ///< somebody asks the holder to give the lock up; detail: who
    lock_broken,       ///< force-broken; number: the fence that bars the old owner
    firing_claimed,    ///< subject job/fire_time, number fence
    firing_refused,    ///< somebody else has it; who: the node that does, detail: the reason
    firing_started,
    firing_finished,  ///< detail: the outcome
    firing_missed,    ///< number: how many fire times were skipped or coalesced
    token_issued,     ///< subject session, number generation
    token_renewed,
    token_accepted,
    token_refused,  ///< detail: errc name
    token_confirmed,
    token_reused,  ///< a dead generation was presented: theft or a very late client
    session_revoked,
    user_revoked,
    login_failed,
    same_token_rotated,
    same_token_refused,
    store_up,
    store_down,  ///< detail: why
    clock_step,  ///< number: microseconds
};

/// Stable dotted name, used in logs and metrics: "lease.acquired".
std::string_view name_of(event_kind) noexcept;

struct event {
    event_kind kind;
    std::string_view subject;
    std::string_view who = {};
    std::uint64_t number = 0;
    std::string_view detail = {};
};

/// Where events go. record() must not block, throw or call back into the room that records; the
/// views are valid during the call only. Called on the recording runtime's thread.
class journal {
public:
    virtual void record(const event&) = 0;

protected:
    ~journal() = default;
};

/// Drops everything.
journal& null_journal() noexcept;

}  // namespace holdfast
