// Which path leads where.
#include "http/auth_api.hpp"
#include "http/authz.hpp"
#include "http/oauth.hpp"
#include "http/probes.hpp"
#include "http/router.hpp"
#include "http/services.hpp"

namespace holdfast::http {
namespace {

using rules_source = std::function<std::shared_ptr<const policy>()>;

const allowed_methods post{"POST"};
const allowed_methods get{"GET, HEAD"};
const allowed_methods any{};

/// Everything the handlers need, as long as the router lives.
struct surface {
    surface(services s, rules_source r)
        : behind(s),
          rules(r),
          api(s, r),
          gate(s, r),
          clients(s, r),
          routes(s.rt, s.counts, s.log) {}

    services behind;
    rules_source rules;
    auth_api api;
    authz gate;
    oauth clients;
    router routes;
};

template <class Room, class Answer>
handler bind(Room& room, Answer (Room::*member)(const request&)) {
    return [&room, member](const request& asked) { return (room.*member)(asked); };
}

// The seed answers its refusals with 200; a failure of the server itself never looks like success.
task<response> with_seed_status(task<response> answering, rules_source rules) {
    auto made = co_await std::move(answering);
    if (rules()->seed_statuses && made.status() < 500) made.set_status(200);
    co_return made;
}

handler seeded(surface& all, task<response> (auth_api::*member)(const request&)) {
    return [&all, member](const request& asked) {
        return with_seed_status((all.api.*member)(asked), all.rules);
    };
}

void add_api(surface& all) {
    auto& routes = all.routes;
    routes.add("/api/auth/register", post, seeded(all, &auth_api::register_user));
    routes.add("/api/auth/login", post, seeded(all, &auth_api::login));
    routes.add("/api/auth/info", post, seeded(all, &auth_api::info));
    routes.add("/api/auth/logout", post, seeded(all, &auth_api::logout));
    routes.add("/api/auth/logout-all", post, seeded(all, &auth_api::logout_all));
}

void add_gate(surface& all) {
    auto& routes = all.routes;
    routes.add("/authz/auth-request", any, bind(all.gate, &authz::check_user));
    routes.add("/authz/forward-auth", any, bind(all.gate, &authz::check_user));
    routes.add_tree("/authz/ext-authz", any, bind(all.gate, &authz::check_user));
    routes.add("/authz/same-token", any, bind(all.gate, &authz::check_same_token));
}

void add_rest(surface& all) {
    auto& routes = all.routes;
    routes.add("/oauth2/introspect", post, bind(all.clients, &oauth::introspect));
    routes.add("/oauth2/revoke", post, bind(all.clients, &oauth::revoke));
    routes.add("/.well-known/jwks.json", get,
               [&all](const request& asked) { return key_set(asked, all.behind.jwks()); });
    routes.add("/healthz", get, [](const request&) { return health(); });
    routes.add("/readyz", get,
               [&all](const request&) { return readiness(all.behind.not_ready()); });
    routes.add("/metrics", get, [&all](const request&) { return metrics_page(all.behind.counts); });
}

}  // namespace

handler make_router(services behind, rules_source rules) {
    auto all = std::make_shared<surface>(std::move(behind), std::move(rules));
    add_gate(*all);
    add_api(*all);
    add_rest(*all);
    return [all](const request& asked) { return all->routes.answer(asked); };
}

}  // namespace holdfast::http
