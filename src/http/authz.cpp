// The decisions of /authz/* as header fields.
#include "http/authz.hpp"

#include "holdfast/same_token.hpp"
#include "http/answers.hpp"
#include "http/bearer.hpp"
#include "http/guard_choice.hpp"

namespace holdfast::http {
namespace {

// A gateway must never keep an answer, and what it copies depends on the token alone.
void add_cache_rules(response& to) {
    to.constant_fields("Cache-Control: no-store\r\nVary: Authorization\r\n");
}

challenge challenge_for(const error_code& ec) {
    if (ec == errc::token_missing) return challenge::no_credentials;
    if (ec == errc::token_expired) return challenge::expired_token;
    return challenge::invalid_token;
}

error_code fault_of(bearer::kind is) {
    switch (is) {
        case bearer::kind::missing: return errc::token_missing;
        case bearer::kind::ambiguous: return errc::invalid_argument;
        default: return errc::token_malformed;
    }
}

}  // namespace

// Nothing but a definite no about the token is 401: whatever else went wrong, the user must not be
// sent to log in again.
response authz::refuse(const error_code& ec, const guard_name& guard, const policy& rules) const {
    const bool ambiguous = ec == errc::invalid_argument;
    int status = 503;
    std::string_view body = R"({"error":"temporarily_unavailable"})";
    if (is_token_fault(ec) || ambiguous) {
        status = 401;
        body = ambiguous ? R"({"error":"invalid_request"})" : R"({"error":"invalid_token"})";
    } else if (ec == errc::forbidden || ec == errc::account_disabled || ec == errc::not_found) {
        status = 403;
        body = R"({"error":"access_denied"})";
    }
    response made(status);
    if (status == 401)
        add_challenge(made, guard, ambiguous ? challenge::invalid_request : challenge_for(ec));
    if (status == 503) made.header("Retry-After", "1");
    if (rules.show_reasons) made.header("X-Holdfast-Reason", name_of(errc_of(ec)));
    add_cache_rules(made);
    made.content(json_type, std::string(body));
    return made;
}

answering authz::check_user(const request& asked) {
    const auto rules = rules_();
    auto guard = choose_guard(asked, *rules);
    if (!guard) return refuse(errc::not_found, rules->default_guard, *rules);
    const auto given = read_bearer(asked.headers);
    if (given.is != bearer::kind::token) return refuse(fault_of(given.is), *guard, *rules);
    if (const auto inner = inner_token_here()) {
        if (const auto judged = services_.auth.authenticate_here(*guard, given.token)) {
            if (!*judged) return refuse(judged->error(), *guard, *rules);
            if (!*inner) return refuse(inner->error(), *guard, *rules);
            return allow(**judged, **inner);
        }
    }
    return ask_about_user(std::move(*guard), std::string(given.token));
}

task<response> authz::ask_about_user(guard_name guard, std::string token) {
    const auto rules = rules_();
    auto judged = co_await services_.auth.authenticate(guard, std::move(token));
    if (!judged) co_return refuse(judged.error(), guard, *rules);
    const auto inner = co_await inner_token();
    if (!inner) co_return refuse(inner.error(), guard, *rules);
    co_return allow(*judged, *inner);
}

std::optional<result<std::string_view>> authz::inner_token_here() const {
    static constexpr std::string_view none;
    if (services_.same_token == nullptr) return none;
    auto token = services_.same_token->fresh_current_here();
    if (token && !*token && token->error() == errc::not_found) return none;
    return token;
}

// A fleet that has no Same-Token yet shows none. One whose token cannot be learnt is in trouble: an
// empty field would make every service behind the gateway refuse.
task<result<std::string>> authz::inner_token() {
    if (services_.same_token == nullptr) co_return std::string();
    auto token = co_await services_.same_token->fresh_current();
    if (!token && token.error() == errc::not_found) co_return std::string();
    co_return token;
}

// Every field that a gateway copies is there on every 200, empty where there is nothing to say. A
// gateway that finds a field missing may keep what the client forged, or copy a placeholder.
response authz::allow(const accepted& who, std::string_view inner_token) const {
    response made(200);
    made.header("X-User-Id", who.user.str());
    made.header("X-User-Guard", who.guard.str());
    made.header("SA-SAME-TOKEN", inner_token);
    if (who.renewed) {
        made.header("New-Token", who.renewed->access_token);
        made.header("New-Expires-In", std::to_string(who.renewed->expires_in.count()));
    }
    add_cache_rules(made);
    return made;
}

task<response> authz::check_same_token(const request& asked) {
    const auto rules = rules_();
    const auto given = asked.headers.find("SA-SAME-TOKEN");
    if (services_.same_token == nullptr)
        co_return refuse(errc::forbidden, rules->default_guard, *rules);
    if (!given || given->empty() || asked.headers.count("SA-SAME-TOKEN") > 1)
        co_return refuse(errc::token_missing, rules->default_guard, *rules);
    const auto match = co_await services_.same_token->check(std::string(*given));
    if (!match) co_return refuse(match.error(), rules->default_guard, *rules);
    if (*match == same_token_match::refused)
        co_return refuse(errc::token_revoked, rules->default_guard, *rules);
    response made(200);
    made.header("Cache-Control", "no-store");
    co_return made;
}

}  // namespace holdfast::http
