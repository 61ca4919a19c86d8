// One table from errors to answers.
#include "http/answers.hpp"

#include "base/write_json.hpp"

namespace holdfast::http {
namespace {

struct meaning {
    int status;
    int code;
    std::string_view message;
};

meaning meaning_of(const error_code& ec) {
    if (is_token_fault(ec)) return {401, api_code::token, "the token is not valid; log in again"};
    switch (errc_of(ec)) {
        case errc::bad_credentials: return {401, api_code::business, "wrong account or password"};
        case errc::account_disabled: return {403, api_code::business, "the account is disabled"};
        case errc::forbidden: return {403, api_code::business, "not allowed"};
        case errc::not_found: return {404, api_code::business, "not found"};
        case errc::already_exists: return {409, api_code::business, "the account exists already"};
        case errc::rate_limited:
            return {429, api_code::business, "too many attempts; try again later"};
        case errc::invalid_argument:
            return {422, api_code::validation, "a value is outside its rules"};
        default: break;
    }
    if (is_store_trouble(ec)) return {503, api_code::store, "temporarily unavailable; try again"};
    return {500, api_code::internal, "internal error"};
}

}  // namespace

bool is_token_fault(const error_code& ec) noexcept {
    switch (errc_of(ec)) {
        case errc::token_missing:
        case errc::token_malformed:
        case errc::token_signature:
        case errc::token_expired:
        case errc::token_not_yet_valid:
        case errc::token_revoked:
        case errc::token_wrong_guard:
        case errc::token_claims: return true;
        default: return false;
    }
}

// What somebody mends at the store mends it here too, without a change of ours.
bool is_store_trouble(const error_code& ec) noexcept {
    switch (errc_of(ec)) {
        case errc::timed_out:
        case errc::out_of_memory:
        case errc::permission_denied:
        case errc::unsupported_server: return true;
        default: return ec == condition::retry || ec == condition::unknown;
    }
}

response api_answer(int status, int code, const json_fragment& data, std::string_view message) {
    response made(status);
    std::string body = R"({"error_code":)" + std::to_string(code) + R"(,"data":)" + data.text +
                       R"(,"message":)" + json_quote(message) + "}";
    made.content(json_type, std::move(body));
    if (status == 503) made.header("Retry-After", "1");
    return made;
}

response api_ok(const json_fragment& data) { return api_answer(200, api_code::ok, data, "ok"); }

response api_refusal(int status, int code, std::string_view message) {
    const json_fragment none;
    return api_answer(status, code, none, message);
}

response api_failure(const error_code& ec) {
    const auto means = meaning_of(ec);
    return api_refusal(means.status, means.code, means.message);
}

void add_renewal(response& to, const issued_token& token) {
    to.header("New-Token", token.access_token);
    to.header("New-Expires-In", std::to_string(token.expires_in.count()));
    to.header("Cache-Control", "no-store");
}

void add_challenge(response& to, const guard_name& realm, challenge why) {
    std::string text = "Bearer realm=\"" + realm.str() + '"';
    switch (why) {
        case challenge::no_credentials: break;
        case challenge::invalid_token: text += R"(, error="invalid_token")"; break;
        case challenge::expired_token:
            text += R"(, error="invalid_token", error_description="expired")";
            break;
        case challenge::invalid_request: text += R"(, error="invalid_request")"; break;
    }
    to.header("WWW-Authenticate", text);
}

}  // namespace holdfast::http
