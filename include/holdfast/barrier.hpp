// A barrier for the whole fleet: nobody goes on before all have come.
#pragma once

#include "holdfast/client.hpp"
#include "holdfast/lock_member.hpp"
#include "holdfast/timeout.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace holdfast {

/// The asynchronous face. Each call of arrive() is one party. When as many have arrived as there
/// are to be, all of them go on and the next generation begins.
///
/// A generation breaks for everybody in it when a party that has arrived is gone: it timed out, was
/// cancelled, or its process died or was frozen for longer than the ttl (which its waiting renews).
/// Those who come next are a new generation; whoever needs all to have come must arrive again. Who
/// has not arrived yet is not missed: use give_up_at.
///
/// A generation passes for all or for none, also when replies are lost; a party learns of it at the
/// latest when it asks again within a day and 8 generations. After that, or when the store lost
/// data or its clock stepped by as much, it is told outcome_unknown, and never that it broke; if
/// it had not even heard that it arrived, it arrives once more, in the generation of that time.
/// Thread rule and lifetime as locker.
class async_barrier : private lock_member {
public:
    /// `parties`: 1 to 10,000; all must name the same number (invalid_argument for whoever comes
    /// later in a generation with another one). `ttl`: how long a dead party goes unnoticed.
    async_barrier(locker& locks, lock_name name, std::uint32_t parties, lease_ttl ttl)
        : lock_member(locks, std::move(name)), parties_(parties), ttl_(ttl) {}

    /// The number of the generation that passed, rising from 1.
    /// Failures: lease_lost (the generation broke); outcome_unknown (it passed or broke: whoever
    /// arrives again is a party of a new one, and hears nothing of this one); timed_out, cancelled
    /// and shutting_down (it was broken for the others too, in the background, unless it passed at
    /// that instant); invalid_argument; wrong_type. A store that is away is waited for, as
    /// locker::acquire does.
    task<result<std::uint64_t>> arrive(steady_time give_up_at = steady_time::max());

    /// arrive() for any completion token, as void(error_code, std::uint64_t).
    template <class CompletionToken>
    auto async_arrive(steady_time give_up_at, CompletionToken&& token) {
        return answer(arrive(give_up_at), std::forward<CompletionToken>(token));
    }

private:
    std::uint32_t parties_;
    lease_ttl ttl_;
};

/// The blocking face. Everything but success is thrown as boost::system::system_error.
class barrier {
public:
    /// The client must outlive it.
    barrier(client& owner, lock_name name, std::uint32_t parties,
            lease_ttl ttl = lease_ttl(seconds{30}))
        : client_(owner), name_(std::move(name)), parties_(parties), ttl_(ttl) {}

    std::uint64_t arrive() { return pass(forever); }
    template <class Rep, class Period>
    std::uint64_t arrive_within(const std::chrono::duration<Rep, Period>& span) {
        return pass(timeout_of(span));
    }

private:
    std::uint64_t pass(nanoseconds patience);

    client& client_;
    const lock_name name_;
    const std::uint32_t parties_;
    const lease_ttl ttl_;
};

}  // namespace holdfast
