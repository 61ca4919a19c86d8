// How many logins may fail: per account and per address, counted in the store for the whole fleet.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/store.hpp"
#include "token/names.hpp"

#include <cstdint>
#include <optional>

namespace holdfast {

/// `burst` failures in a row, then one more each `gap`. Only failures count.
struct failure_limit {
    std::int64_t burst;
    milliseconds gap;
};

struct login_limits {
    failure_limit account{10, milliseconds{60000}};
    failure_limit address{100, milliseconds{1000}};
};

/// Looks at and charges the buckets. One per call; holds references only.
class login_limiter {
public:
    login_limiter(store& shared, const guard_name& guard, const login_limits& limits)
        : store_(shared), guard_(guard), limits_(limits) {}

    /// Zero when an attempt is allowed, otherwise how long until the next one is. Attempts under
    /// way at once are not seen yet: a bounded hashing queue limits those.
    task<result<milliseconds>> wait_before(const account_name& account,
                                           const std::optional<client_address>& address);

    /// Counts a failure. Trouble in the store is reported, the attempt has failed all the same.
    task<result<void>> count_failure(const account_name& account,
                                     const std::optional<client_address>& address);

private:
    task<result<milliseconds>> ask(std::string bucket, failure_limit limit, int cost);

    store& store_;
    const guard_name& guard_;
    const login_limits& limits_;
};

}  // namespace holdfast
