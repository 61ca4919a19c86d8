// Clients that log in, show their tokens to any node, take successors and log out, in every order.
#include "sim/token/memory_users.hpp"
#include "sim/token/token_checker.hpp"
#include "sim/workload.hpp"
#include "token/guard_set.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::sim {
namespace {

constexpr std::size_t user_count = 3;
constexpr std::size_t client_count = 6;
constexpr auto password = "correct horse";
constexpr seconds token_life{120};
constexpr milliseconds grace{5000};
constexpr milliseconds staleness{1000}, long_staleness{20000};
constexpr nanoseconds rest = seconds{15};
constexpr nanoseconds rush_every = seconds{10};  // all nodes at once, with one token
constexpr nanoseconds renewal_takes = milliseconds{2};
constexpr std::size_t replicas = 2;  // their probes cost most of a run
constexpr std::size_t dead_tokens_kept = 24;
constexpr std::uint64_t owed_after_healing = 10;

/// Somebody with a browser. Lives outside the fleet and talks to any node.
struct client {
    account_name account;
    user_id user;
    std::deque<held_token> tokens = {};  // of one session, newest last
};

class token_workload final : public workload {
public:
    token_workload(simulation::fleet& of, referee& to, random draws);

    task<void> run(process& self) override;
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_loss() override { checker_.on_loss(); }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "token/renew") judge.mark("token: renewal without a reply");
        if (script == "token/revoke") judge.mark("token: logout without a reply");
    }
    void healed() override { served_.clear(); }
    void finish() override;

private:
    /// What one incarnation runs.
    struct service {
        service(process& on, std::shared_ptr<const guard_set> guards, auth_service::options how)
            : self(on),
              auth(on.rt, on.shared, on.events, std::move(guards), how),
              staleness(how.revocation == revocation_mode::replica ? how.max_staleness
                                                                   : milliseconds{0}) {}
        process& self;
        auth_service auth;
        nanoseconds staleness;
    };

    task<void> visit(service& at);
    task<void> rush(service& at);
    task<void> follow(service& at) { return at.auth.follow_revocations(); }
    task<void> log_in(service& at, client& who);
    task<void> show(service& at, client& who, held_token what);
    task<void> show_dead(service& at);
    task<void> log_out(service& at, client& who, held_token with);
    task<void> log_out_all(service& at, client& who);
    task<result<accepted>> present(service& at, held_token what);
    task<void> revoke(service& at, client& who, held_token with);
    client& next_due();
    void take(client& who, std::string text);
    void forget(client& who, const std::string& sid);
    std::optional<held_token> read(const std::string& text) const;
    held_token some_token(const client& of);

    token_checker checker_;
    random draws_;
    std::shared_ptr<const guard_set> guards_;
    std::vector<client> clients_;
    std::deque<held_token> dead_;
    std::map<std::string, std::uint64_t> served_;  // by node
};

const guard_name& web() {
    static const guard_name name("web");
    return name;
}

// Half of the fleets set no limit to what a token may live beyond the guard's own: some mistakes
// show only where replicas remember for long, and some only where they forget soon. In runs of
// many hours long is two of them, or each loss of data would have the day so far told again.
std::shared_ptr<const guard_set> make_guards(std::shared_ptr<user_table> users, random draws,
                                             bool slow_rhythm) {
    user_desk::options at_once;
    at_once.hash_cost = 1;
    at_once.lookups.threads = at_once.hashing.threads = 0;  // no time but the virtual one
    guard_settings settings(web());
    auto key = jws_key::from_secret("a secret of the simulation, long enough for HS256",
                                    jws_algorithm::hs256);
    settings.keys = std::make_shared<const key_ring>(key_ring::of(std::move(key).value()));
    settings.policy.ttl = token_life;
    if (draws.chance(500'000))
        settings.tokens.max_ttl = token_life;
    else if (slow_rhythm)
        settings.tokens.max_ttl = hours{2};
    settings.policy.grace = grace;
    settings.policy.renew_window = token_life / 2;
    settings.users = std::move(users);
    std::vector<guard_settings> all;
    all.push_back(std::move(settings));
    return std::make_shared<const guard_set>(std::move(all), std::make_shared<user_desk>(at_once));
}

token_workload::token_workload(simulation::fleet& of, referee& to, random draws)
    : workload(of, to), checker_(of, to, {grace}), draws_(draws) {
    auto users = std::make_shared<memory_users>(draws_.fork(), 10'000);
    const auto hash = password_hasher(1).hash(secret_text(password), password_salt{}).value();
    std::vector<user_record> known;
    for (std::size_t i = 0; i < user_count; ++i) {
        const new_user person(account_name("user-" + std::to_string(i)), "", hash, {});
        known.push_back(users->add(person).value());
    }
    for (std::size_t i = 0; i < client_count; ++i) {
        const auto& person = known[i % user_count];
        clients_.push_back({person.account, person.id});
    }
    guards_ = make_guards(std::move(users), draws, of.slow_rhythm());
}

task<void> token_workload::run(process& self) {
    auto& host = host_of(self);
    const bool replica = host.index() < replicas;
    auth_service::options options;
    options.revocation = replica ? revocation_mode::replica : revocation_mode::strict;
    options.max_staleness = home.slow_rhythm() ? long_staleness : staleness;
    auto at = std::make_shared<service>(self, guards_, options);
    host.keep(at);
    if (replica) host.spawn(follow(*at));
    host.spawn(rush(*at));
    while (true) {
        co_await self.rt.sleep_until(self.rt.now() + draws_.around(rest));
        co_await until_busy(self);
        co_await visit(*at);
    }
}

// Tokens are drawn when they are used: another node may have changed them in between.
task<void> token_workload::visit(service& at) {
    auto& who = clients_[draws_.below(clients_.size())];
    if (who.tokens.empty()) {
        co_await log_in(at, who);
    } else if (draws_.chance(40'000)) {
        co_await log_out(at, who, some_token(who));
    } else if (draws_.chance(8'000)) {
        co_await log_out_all(at, who);
    } else if (!dead_.empty() && draws_.chance(250'000)) {
        co_await show_dead(at);
    } else {
        co_await show(at, who, some_token(who));
    }
}

// What a page with many requests does to a fleet, just when its token comes due.
task<void> token_workload::rush(service& at) {
    while (true) {
        const auto turn = now().time_since_epoch() / rush_every + 1;
        const auto wait = steady_time(turn * rush_every) - now();
        co_await at.self.rt.sleep_until(at.self.rt.now() + wait);
        co_await until_busy(at.self);
        auto& who = next_due();
        if (who.tokens.empty()) continue;
        const auto shown = who.tokens.back();
        if (draws_.chance(60'000))
            host_of(at.self).spawn(revoke(at, who, shown));
        else
            host_of(at.self).spawn(show(at, who, shown));
        co_await show(at, who, shown);
    }
}

client& token_workload::next_due() {
    const auto end = [](const client& of) {
        return of.tokens.empty() ? wall_time::max() : of.tokens.back().expires_at;
    };
    return *std::ranges::min_element(clients_, {}, end);
}

// In the middle of the renewals that the others ask for.
task<void> token_workload::revoke(service& at, client& who, held_token with) {
    const auto wait = draws_.between(nanoseconds{0}, renewal_takes);
    co_await at.self.rt.sleep_until(at.self.rt.now() + wait);
    checker_.on_logout_asked(with.sid);
    auto asked = at.auth.revoke(with.text);
    const auto done = co_await std::move(asked);
    if (done) checker_.on_logged_out(with.sid, logout_reach::store);
    forget(who, with.sid);
}

held_token token_workload::some_token(const client& of) {
    if (of.tokens.size() > 1 && draws_.chance(250'000)) return of.tokens[of.tokens.size() - 2];
    return of.tokens.back();
}

std::optional<held_token> token_workload::read(const std::string& text) const {
    const auto guard = guards_->find(web());
    auto policy = guard->tokens;
    policy.expiry_leeway = policy.leeway = seconds{hours{24 * 366}};  // whatever the store's clock
    const auto claims = verify_token(text, policy, *guard->keys, home.space.wall_now());
    if (!claims) return std::nullopt;
    return held_token{text, claims->sid, claims->generation, claims->expires_at};
}

void token_workload::take(client& who, std::string text) {
    auto token = read(text);
    if (!token) {
        judge.fail("one successor", "a node handed out a token that is not genuine");
        return;
    }
    checker_.on_token(*token);
    if (draws_.chance(150'000)) {
        judge.mark("token: successor lost on its way to the client");
        return;
    }
    auto& tokens = who.tokens;
    if (!tokens.empty() && tokens.back().sid != token->sid) return;
    if (!tokens.empty() && tokens.back().generation >= token->generation) return;
    tokens.push_back(std::move(*token));
    while (tokens.size() > 2) {
        dead_.push_back(tokens.front());
        tokens.pop_front();
    }
}

void token_workload::forget(client& who, const std::string& sid) {
    if (who.tokens.empty() || who.tokens.back().sid != sid) return;
    dead_.insert(dead_.end(), who.tokens.begin(), who.tokens.end());
    who.tokens.clear();
    while (dead_.size() > dead_tokens_kept) dead_.pop_front();
}

task<result<accepted>> token_workload::present(service& at, held_token what) {
    const presented shown{what, now(), at.staleness};
    auto asked = at.auth.authenticate(web(), what.text);
    auto answer = co_await std::move(asked);
    checker_.on_answer(at.self, shown, answer);
    if (answer) ++served_[at.self.node];
    co_return answer;
}

task<void> token_workload::show(service& at, client& who, held_token what) {
    const auto answer = co_await present(at, what);
    if (answer && answer->renewed) take(who, answer->renewed->access_token);
    const bool refused = !answer && answer.error() == condition::denied;
    if (refused && !who.tokens.empty() && who.tokens.back().text == what.text)
        forget(who, what.sid);
}

task<void> token_workload::show_dead(service& at) {
    const auto what = dead_[draws_.below(dead_.size())];
    (void)co_await present(at, what);
}

task<void> token_workload::log_in(service& at, client& who) {
    result<issued_token> got = errc::internal;
    if (draws_.chance(100'000)) {
        login_request typed(who.account, secret_text(password), std::nullopt);
        auto asked = at.auth.login(web(), std::move(typed));
        auto outcome = co_await std::move(asked);
        got = std::move(outcome.token);
    } else {
        auto asked = at.auth.issue(web(), who.user);
        got = co_await std::move(asked);
    }
    if (got && who.tokens.empty()) take(who, got->access_token);
}

task<void> token_workload::log_out(service& at, client& who, held_token with) {
    const auto answer = co_await present(at, with);
    if (!answer) co_return;
    checker_.on_logout_asked(with.sid);
    const auto reach = draws_.chance(300'000) ? logout_reach::fleet : logout_reach::store;
    auto asked = at.auth.logout(*answer, reach);
    const auto done = co_await std::move(asked);
    forget(who, with.sid);
    if (done) checker_.on_logged_out(with.sid, reach);
}

task<void> token_workload::log_out_all(service& at, client& who) {
    const auto sid = who.tokens.back().sid;
    checker_.on_logout_all_asked(who.user.str());
    auto asked = at.auth.logout_all(web(), who.user, logout_reach::store);
    const auto done = co_await std::move(asked);
    if (done) checker_.on_logged_out(sid, logout_reach::store);
    forget(who, sid);
}

void token_workload::finish() {
    for (const auto& one : home.space.nodes())
        if (served_[one->name()] < owed_after_healing)
            judge.fail("progress", one->name() + " accepted " +
                                       std::to_string(served_[one->name()]) +
                                       " tokens since everything was healed");
}

}  // namespace

std::unique_ptr<workload> make_token_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<token_workload>(of, to, draws);
}

}  // namespace holdfast::sim
