// Every failure Holdfast reports: one enum, four conditions that say what the caller does next.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <type_traits>

namespace holdfast {

using error_code = boost::system::error_code;
using error_condition = boost::system::error_condition;

/// Inside the library failures travel as values. `result<T>` holds a T or an error_code; reading
/// the value of a failed result throws boost::system::system_error.
template <class T>
using result = boost::system::result<T>;

/// What happened. Compare with `condition` to decide; print with `message()`.
enum class errc {
    // The answer is no. Repeating the same call without a change elsewhere gives the same answer.
    busy = 1,    ///< somebody else holds the lock
    lease_lost,  ///< the lease ended: expired, broken or taken over; see lost_reason
    not_owner,   ///< the caller does not hold what it tried to change
    wrong_type,  ///< the key exists and is not Holdfast's (another type or another tool)
    not_found,
    already_exists,
    already_fired,  ///< the fire time has been claimed, by anybody
    not_due,        ///< the store's clock says: not yet
    overlap,        ///< an earlier run still holds its lease and the policy forbids a second
    paused,
    stale_definition,  ///< an older version of the job's schedule than the one registered
    clock_skew,        ///< the store's clock and the caller's are too far apart to fire
    token_missing,
    token_malformed,
    token_signature,
    token_expired,
    token_not_yet_valid,
    token_revoked,
    token_wrong_guard,
    token_claims,  ///< a mandatory claim is absent, of a wrong type or out of bounds
    bad_credentials,
    account_disabled,
    rate_limited,
    forbidden,

    // Certainly not executed. The same call may be made again, with back-off.
    store_unavailable = 100,
    store_loading,
    not_leader,  ///< READONLY, NOREPLICAS, MOVED without a target: another node must answer
    shutting_down,
    overloaded,
    slot_migrating,  ///< TRYAGAIN: a cluster slot is being moved; a script of one key is served

    // May or may not have executed. Repeat the same call with the same arguments to learn which.
    outcome_unknown = 200,

    // Repeating does not help; somebody has to change something.
    invalid_argument = 300,
    invalid_configuration,
    permission_denied,
    unsupported_server,
    out_of_memory,
    corrupt_data,
    protocol_error,
    script_error,
    folder_in_use,  ///< another process has the embedded store's data folder
    cancelled,      ///< the caller asked to stop waiting
    timed_out,      ///< the caller's own time limit passed; nothing is held
    internal,
};

/// What to do next. `if (ec == condition::retry) …` holds for every errc of that group.
enum class condition {
    denied = 1,  ///< a definite no; do not repeat
    retry,       ///< certainly not executed; repeat with back-off
    unknown,     ///< may have executed; repeat the same idempotent call, never assume either way
    broken,      ///< a bug, a wrong argument or a wrong set-up; fix it
};

const boost::system::error_category& category() noexcept;
error_code make_error_code(errc) noexcept;
error_condition make_error_condition(condition) noexcept;

/// The group an errc belongs to.
condition condition_of(errc) noexcept;

/// The errc inside an error_code of this category; `errc::internal` for a foreign one.
errc errc_of(const error_code&) noexcept;

/// Stable machine name of an errc: "busy", "outcome_unknown", …
const char* name_of(errc) noexcept;

}  // namespace holdfast

namespace boost::system {
template <>
struct is_error_code_enum<holdfast::errc> : std::true_type {};
template <>
struct is_error_condition_enum<holdfast::condition> : std::true_type {};
}  // namespace boost::system
