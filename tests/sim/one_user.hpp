// One user and one guard, for a fleet that knows no time but the virtual one.
#pragma once

#include "holdfast/simulation.hpp"
#include "sim/token/memory_users.hpp"
#include "token/auth_service.hpp"
#include "token/guard_set.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::sim {

inline const guard_name& web() {
    static const guard_name name("web");
    return name;
}

struct one_user {
    explicit one_user(seconds token_life) : users(std::make_shared<memory_users>(random(1), 0)) {
        const auto hash = password_hasher(1).hash(secret_text("pw"), password_salt{}).value();
        const new_user person(account_name("ann"), "", hash, {});
        id = users->add(person).value().id;
        user_desk::options at_once;
        at_once.hash_cost = 1;
        at_once.lookups.threads = at_once.hashing.threads = 0;
        guard_settings settings(web());
        settings.policy.ttl = settings.policy.renew_window = token_life;
        settings.tokens.max_ttl = token_life;
        auto key = jws_key::from_secret("a secret of a test, long enough for it all to work",
                                        jws_algorithm::hs256);
        settings.keys = std::make_shared<const key_ring>(key_ring::of(std::move(key).value()));
        settings.users = users;
        std::vector<guard_settings> all;
        all.push_back(std::move(settings));
        guards =
            std::make_shared<const guard_set>(std::move(all), std::make_shared<user_desk>(at_once));
    }
    std::shared_ptr<memory_users> users;
    user_id id{"0"};
    std::shared_ptr<const guard_set> guards;
};

/// The token; empty if there was none.
inline task<std::string> log_in(auth_service& auth, const user_id& who) {
    auto asked = auth.issue(web(), who);
    const auto token = co_await std::move(asked);
    co_return token ? token->access_token : std::string();
}

/// No error if it is accepted.
inline task<error_code> show(auth_service& auth, std::string token) {
    auto asked = auth.authenticate(web(), std::move(token));
    const auto answer = co_await std::move(asked);
    co_return answer ? error_code{} : answer.error();
}

/// A node that does nothing but follow what is ended.
inline task<void> remember(process& self, const one_user& ann) {
    auth_service auth(self.rt, self.shared, self.events, ann.guards,
                      {.revocation = revocation_mode::replica});
    co_await auth.follow_revocations();
}

}  // namespace holdfast::sim
