// The token that services of one fleet show each other, rotated without refusing a call.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/runtime.hpp"
#include "holdfast/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// All services of a fleet use the same values.
struct same_token_options {
    /// Sa-Token's `token-name`: the keys are `<name>:var:same-token` and `…:past-same-token`, as
    /// Java services with Sa-Token read them. On a Redis Cluster it must hold a `{tag}`.
    std::string token_name = "satoken";
    /// How often rotate() is called, by a schedule. A call before half of it has passed changes
    /// nothing, so a tick that fires twice rotates once.
    milliseconds interval = minutes{10};
    /// Life of a token nobody rotates: at least 3 × interval, so that missed ticks refuse nobody.
    milliseconds ttl = hours{24};
    /// From announcing a token until it is used: receivers learn it before they see it.
    milliseconds activate_delay = seconds{2};
    /// How long the token before it is still taken. Longer than the longest call and refresh_every.
    milliseconds overlap = seconds{60};
    /// How often a service looks at the store although nobody told it to: pushes may be lost.
    milliseconds refresh_every = seconds{5};
    /// How long the last known tokens are sent and taken while the store is away.
    milliseconds stale_if_error = hours{1};
};

/// Which of the fleet's tokens a caller showed.
enum class same_token_match { current, next, past, refused };

/// What rotate() did.
enum class rotation {
    first,      ///< there was no token; there is one now, in use at once
    announced,  ///< a next token is known to the fleet and will be used after activate_delay
    swapped,    ///< the announced token is in use now
    unchanged,  ///< too early, or another instance did it
};

/// Sends, checks and rotates. Lives on one runtime; used from its thread only.
///
/// Promise: while run() runs in every service, no call is refused because of a rotation. A receiver
/// asks the store before it refuses a token it does not know; the old token outlives the swap by
/// the overlap. What a caller may NOT conclude: who called. The token says "one of the fleet".
class same_token_service {
public:
    /// Throws system_error(errc::invalid_configuration): empty name, ttl below 3 × interval,
    /// interval / 2 below activate_delay + overlap, overlap not above 2 × refresh_every, or a span
    /// that is not positive. The references outlive the service.
    same_token_service(runtime& rt, store& shared, journal& events, same_token_options options);
    ~same_token_service();
    same_token_service(const same_token_service&) = delete;

    /// One step of rotation; every instance may call it at every tick. Repeating it after a lost
    /// reply is safe. Failure: what store::run says.
    task<result<rotation>> rotate();

    /// Keeps the tokens fresh and finishes announced rotations until cancelled (throws
    /// operation_aborted). Start it once, and before serving.
    task<void> run();

    /// What to send with a call, as last known. errc::not_found: the fleet has no token yet,
    /// rotate() has to be called; errc::store_unavailable: nothing is known, or nothing newer than
    /// stale_if_error.
    result<std::string> current() const;
    /// The same, asking the store first when the last answer is so old that the token may be dead
    /// (this process was frozen, say). The store's failure is not one while the old answer will do.
    task<result<std::string>> fresh_current();
    /// fresh_current() without waiting: nothing when the store would have to be asked. The text
    /// lies in the service and may change with its next turn.
    std::optional<result<std::string_view>> fresh_current_here() const;

    /// Compares in constant time, by hash. An unknown token is refused only after the store has
    /// been read since the call; reads are shared and at most ten a second.
    /// errc::store_unavailable (or what store::run says): unknown, and the store could not be
    /// asked: answer 503, never 401. errc::overloaded: too many unknown tokens wait already.
    task<result<same_token_match>> check(std::string presented);
    /// check() without the store: nothing when only the store could tell.
    std::optional<same_token_match> check_known(std::string_view presented) const;

private:
    struct state;
    std::shared_ptr<state> state_;  // shared with calls that are under way
};

}  // namespace holdfast
