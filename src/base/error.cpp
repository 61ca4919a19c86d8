// The "holdfast" error category: names, messages and the grouping into conditions.
#include "holdfast/error.hpp"

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

struct row {
    errc code;
    const char* name;
    const char* message;
};

constexpr std::array rows{
    row{errc::busy, "busy", "held by somebody else"},
    row{errc::lease_lost, "lease_lost", "the lease has ended"},
    row{errc::not_owner, "not_owner", "not held by the caller"},
    row{errc::wrong_type, "wrong_type",
        "the key holds something else: another kind of lock, or no lock"},
    row{errc::not_found, "not_found", "not found"},
    row{errc::already_exists, "already_exists", "already exists"},
    row{errc::already_fired, "already_fired", "this fire time has been claimed already"},
    row{errc::not_due, "not_due", "the store's clock has not reached the fire time"},
    row{errc::overlap, "overlap", "an earlier run is still going"},
    row{errc::paused, "paused", "the job is paused"},
    row{errc::stale_definition, "stale_definition", "a newer definition of the job is registered"},
    row{errc::clock_skew, "clock_skew", "this host's clock and the store's are too far apart"},
    row{errc::token_missing, "token_missing", "no token was presented"},
    row{errc::token_malformed, "token_malformed", "the token is malformed"},
    row{errc::token_signature, "token_signature", "the token's signature does not verify"},
    row{errc::token_expired, "token_expired", "the token has expired"},
    row{errc::token_not_yet_valid, "token_not_yet_valid", "the token is not valid yet"},
    row{errc::token_revoked, "token_revoked", "the token has been revoked"},
    row{errc::token_wrong_guard, "token_wrong_guard", "the token belongs to another guard"},
    row{errc::token_claims, "token_claims", "the token's claims are not acceptable"},
    row{errc::bad_credentials, "bad_credentials", "the account or the password is wrong"},
    row{errc::account_disabled, "account_disabled", "the account is disabled"},
    row{errc::rate_limited, "rate_limited", "too many attempts"},
    row{errc::forbidden, "forbidden", "not allowed"},
    row{errc::store_unavailable, "store_unavailable", "the store cannot be reached"},
    row{errc::store_loading, "store_loading", "the store is loading its data"},
    row{errc::not_leader, "not_leader", "this store node does not accept writes"},
    row{errc::shutting_down, "shutting_down", "shutting down"},
    row{errc::overloaded, "overloaded", "too much is waiting already"},
    row{errc::slot_migrating, "slot_migrating", "the store is moving the keys to another node"},
    row{errc::outcome_unknown, "outcome_unknown", "the reply was lost; it may have been executed"},
    row{errc::invalid_argument, "invalid_argument", "invalid argument"},
    row{errc::invalid_configuration, "invalid_configuration", "invalid configuration"},
    row{errc::permission_denied, "permission_denied", "the store's user lacks a permission"},
    row{errc::unsupported_server, "unsupported_server", "the store's version is not supported"},
    row{errc::out_of_memory, "out_of_memory", "the store is out of memory"},
    row{errc::corrupt_data, "corrupt_data", "stored data is damaged"},
    row{errc::protocol_error, "protocol_error", "the store answered something unexpected"},
    row{errc::script_error, "script_error", "a store script failed"},
    row{errc::folder_in_use, "folder_in_use", "another process uses the data folder"},
    row{errc::cancelled, "cancelled", "cancelled"},
    row{errc::timed_out, "timed_out", "the time limit passed"},
    row{errc::internal, "internal", "internal error"},
};

const row& row_of(errc code) noexcept {
    const auto* found = std::ranges::find(rows, code, &row::code);
    return found == rows.end() ? rows.back() : *found;
}

class holdfast_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "holdfast"; }
    std::string message(int value) const override {
        return row_of(static_cast<errc>(value)).message;
    }
    bool equivalent(int value, const error_condition& other) const noexcept override {
        return other == make_error_condition(condition_of(static_cast<errc>(value)));
    }
};

class condition_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "holdfast.condition"; }
    std::string message(int value) const override {
        switch (static_cast<condition>(value)) {
            case condition::denied: return "denied";
            case condition::retry: return "not executed, try again";
            case condition::unknown: return "may have been executed";
            case condition::broken: return "needs a change";
        }
        return "unknown condition";
    }
};

const condition_category condition_instance;

}  // namespace

const boost::system::error_category& category() noexcept {
    static const holdfast_category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

error_condition make_error_condition(condition value) noexcept {
    return {static_cast<int>(value), condition_instance};
}

condition condition_of(errc code) noexcept {
    const int value = static_cast<int>(code);
    if (value < 100) return condition::denied;
    if (value < 200) return condition::retry;
    if (value < 300) return condition::unknown;
    return condition::broken;
}

errc errc_of(const error_code& ec) noexcept {
    return ec.category() == category() ? static_cast<errc>(ec.value()) : errc::internal;
}

const char* name_of(errc code) noexcept { return row_of(code).name; }

}  // namespace holdfast
