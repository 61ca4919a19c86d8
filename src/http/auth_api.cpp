// The handlers of /api/auth/*.
#include "http/auth_api.hpp"

#include "base/write_json.hpp"
#include "http/answers.hpp"
#include "http/bearer.hpp"
#include "http/client_address.hpp"
#include "http/credentials_body.hpp"
#include "http/guard_choice.hpp"
#include "http/instant.hpp"
#include "token/users/password.hpp"

#include <variant>

namespace holdfast::http {
namespace {

response bad_guard() {
    return api_refusal(400, api_code::validation, "guard must be given once, as a guard's name");
}

response token_answer(const issued_token& token) {
    const json_fragment data{R"({"access_token":)" + json_quote(token.access_token) +
                             R"(,"expires_in":)" + std::to_string(token.expires_in.count()) +
                             R"(,"token_type":"bearer"})"};
    auto made = api_ok(data);
    made.header("Cache-Control", "no-store");
    return made;
}

std::string password_rule_text() {
    const password_rule rule;
    return "password must be " + std::to_string(rule.least) + " to " + std::to_string(rule.most) +
           " bytes, none of them NUL";
}

response outcome_answer(const login_outcome& outcome) {
    if (outcome.token) return token_answer(*outcome.token);
    auto refused = api_failure(outcome.token.error());
    if (outcome.retry_after > seconds{0})
        refused.header("Retry-After", std::to_string(outcome.retry_after.count()));
    return refused;
}

response user_answer(const user_record& user) {
    const json_fragment data{R"({"id":)" + json_quote(user.id.str()) + R"(,"account":)" +
                             json_quote(user.account.str()) + R"(,"name":)" +
                             json_quote(user.name) + R"(,"created_at":")" +
                             rfc3339(user.created_at) + R"(","updated_at":")" +
                             rfc3339(user.updated_at) + R"("})"};
    return api_ok(data);
}

/// Who wants in, and where.
struct sign_in {
    guard_name guard;
    credentials given;
    std::optional<client_address> from;
};

std::variant<sign_in, response> read_sign_in(const request& asked, const policy& rules) {
    auto guard = choose_guard(asked, rules);
    if (!guard) return bad_guard();
    auto read = read_credentials(asked.body);
    if (const auto* fault = std::get_if<body_fault>(&read))
        return api_refusal(fault->status, api_code::validation, fault->message);
    return sign_in{std::move(*guard), std::move(std::get<credentials>(read)),
                   address_of_client(asked, rules.trusted_proxies)};
}

}  // namespace

task<response> auth_api::register_user(const request& asked) {
    auto read = read_sign_in(asked, *rules_());
    if (auto* refused = std::get_if<response>(&read)) co_return std::move(*refused);
    auto& [guard, given, from] = std::get<sign_in>(read);
    registration wanted(std::move(given.account), std::move(given.password), std::move(given.name),
                        std::move(from));
    const auto outcome = co_await services_.auth.register_user(guard, std::move(wanted));
    if (!outcome.token && outcome.token.error() == errc::already_exists)
        co_return api_refusal(409, api_code::business, "the account exists already");
    if (!outcome.token && outcome.token.error() == errc::invalid_argument)
        co_return api_refusal(422, api_code::validation, password_rule_text());
    co_return outcome_answer(outcome);
}

task<response> auth_api::login(const request& asked) {
    auto read = read_sign_in(asked, *rules_());
    if (auto* refused = std::get_if<response>(&read)) co_return std::move(*refused);
    auto& [guard, given, from] = std::get<sign_in>(read);
    login_request wanted(std::move(given.account), std::move(given.password), std::move(from));
    const auto outcome = co_await services_.auth.login(guard, std::move(wanted));
    co_return outcome_answer(outcome);
}

auth_api::admission auth_api::turn_away(const error_code& ec, const guard_name& realm) const {
    admission turned{std::nullopt, api_failure(ec)};
    if (is_token_fault(ec)) {
        add_challenge(turned.refused, realm,
                      ec == errc::token_missing   ? challenge::no_credentials
                      : ec == errc::token_expired ? challenge::expired_token
                                                  : challenge::invalid_token);
        turned.refused.header("Cache-Control", "no-store");
    }
    return turned;
}

task<auth_api::admission> auth_api::admit(const request& asked) {
    const auto rules = rules_();
    const auto guard = choose_guard(asked, *rules);
    if (!guard) co_return admission{std::nullopt, bad_guard()};
    const auto given = read_bearer(asked.headers);
    switch (given.is) {
        case bearer::kind::token: break;
        case bearer::kind::missing: co_return turn_away(errc::token_missing, *guard);
        case bearer::kind::malformed: co_return turn_away(errc::token_malformed, *guard);
        case bearer::kind::ambiguous: {
            admission turned{std::nullopt, api_refusal(400, api_code::token,
                                                       "give one Authorization header with one "
                                                       "bearer token")};
            add_challenge(turned.refused, *guard, challenge::invalid_request);
            co_return turned;
        }
    }
    auto judged = co_await services_.auth.authenticate(*guard, std::string(given.token));
    if (!judged) co_return turn_away(judged.error(), *guard);
    co_return admission{std::move(*judged), response(200)};
}

task<response> auth_api::info(const request& asked) {
    auto admitted = co_await admit(asked);
    if (!admitted.who) co_return std::move(admitted.refused);
    const auto& who = *admitted.who;
    const auto user = co_await services_.auth.user_info(who.guard, who.user);
    auto answered = user ? user_answer(*user) : api_failure(user.error());
    if (who.renewed)
        add_renewal(answered, *who.renewed);
    else
        answered.header("Cache-Control", "no-store");
    co_return answered;
}

// A successor that this very request brought about dies with the session, so it is not announced.
task<response> auth_api::end_sessions(const request& asked, bool all_of_user) {
    const auto wait = find_parameter(asked.query, "wait");
    const bool fleet = wait.value == "fleet";
    if (wait.is == parameter::state::refused ||
        (wait.is == parameter::state::present && !fleet && wait.value != "store"))
        co_return api_refusal(400, api_code::validation, "wait must be `store` or `fleet`");
    const auto reach = fleet ? logout_reach::fleet : logout_reach::store;
    auto admitted = co_await admit(asked);
    if (!admitted.who) co_return std::move(admitted.refused);
    auto& who = *admitted.who;
    result<void> ended;
    if (all_of_user)
        ended = co_await services_.auth.logout_all(who.guard, who.user, reach);
    else
        ended = co_await services_.auth.logout(std::move(who), reach);
    const json_fragment nothing;
    co_return ended ? api_ok(nothing) : api_failure(ended.error());
}

task<response> auth_api::logout(const request& asked) { return end_sessions(asked, false); }
task<response> auth_api::logout_all(const request& asked) { return end_sessions(asked, true); }

}  // namespace holdfast::http
