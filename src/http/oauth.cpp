// Client authentication, then one call of the service.
#include "http/oauth.hpp"

#include "base/write_json.hpp"
#include "http/answers.hpp"
#include "http/parameters.hpp"

#include <optional>
#include <variant>

namespace holdfast::http {
namespace {

response error_answer(int status, std::string_view error) {
    response made(status);
    made.content(json_type, R"({"error":)" + json_quote(error) + "}");
    made.header("Cache-Control", "no-store");
    if (status == 401) made.header("WWW-Authenticate", R"(Basic realm="holdfast")");
    if (status == 503) made.header("Retry-After", "1");
    return made;
}

std::optional<basic_credentials> client_of(const request& asked) {
    if (asked.headers.find("Authorization")) return read_basic(asked.headers);
    auto id = find_parameter(asked.body, "client_id");
    auto secret = find_parameter(asked.body, "client_secret");
    if (id.is != parameter::state::present || secret.is != parameter::state::present)
        return std::nullopt;
    return basic_credentials{std::move(id.value), std::move(secret.value)};
}

bool is_known(const basic_credentials& who, const policy& rules) {
    bool known = false;
    for (const auto& client : rules.clients)
        known |= client.id == who.id && !client.secret.empty() &&
                 equal_in_constant_time(client.secret.reveal(), who.secret);
    return known;
}

// The token to look at, or the answer that refuses.
std::variant<std::string, response> token_of(const request& asked, const policy& rules) {
    const auto client = client_of(asked);
    if (!client || !is_known(*client, rules)) return error_answer(401, "invalid_client");
    auto token = find_parameter(asked.body, "token");
    if (token.is != parameter::state::present || token.value.empty())
        return error_answer(400, "invalid_request");
    return std::move(token.value);
}

response trouble(const error_code& ec) {
    if (is_store_trouble(ec)) return error_answer(503, "temporarily_unavailable");
    return error_answer(500, "server_error");
}

std::string seconds_text(wall_time at) { return std::to_string(to_unix_seconds(at)); }

std::string describe(const introspection& live) {
    const auto& who = live.who;
    return R"({"active":true,"token_type":"Bearer","iss":)" + json_quote(who.guard.str()) +
           R"(,"guard":)" + json_quote(who.guard.str()) + R"(,"sub":)" +
           json_quote(who.user.str()) + R"(,"sid":)" + json_quote(who.session.str()) +
           R"(,"gen":)" + std::to_string(who.generation) + R"(,"exp":)" +
           seconds_text(who.expires_at) + R"(,"iat":)" + seconds_text(live.issued_at) +
           R"(,"auth_time":)" + seconds_text(live.authenticated_at) + "}";
}

}  // namespace

task<response> oauth::introspect(const request& asked) {
    auto token = token_of(asked, *rules_());
    if (auto* refused = std::get_if<response>(&token)) co_return std::move(*refused);
    const auto looked = co_await services_.auth.introspect(std::move(std::get<std::string>(token)));
    if (!looked) co_return trouble(looked.error());
    response made(200);
    made.content(json_type, *looked ? describe(**looked) : R"({"active":false})");
    made.header("Cache-Control", "no-store");
    co_return made;
}

task<response> oauth::revoke(const request& asked) {
    auto token = token_of(asked, *rules_());
    if (auto* refused = std::get_if<response>(&token)) co_return std::move(*refused);
    const auto ended = co_await services_.auth.revoke(std::move(std::get<std::string>(token)));
    if (!ended) co_return trouble(ended.error());
    response made(200);
    made.header("Cache-Control", "no-store");
    co_return made;
}

}  // namespace holdfast::http
