// Probe, apply, reload, re-record.
#include "token/revocation_follower.hpp"

#include "base/mutant.hpp"
#include "holdfast/ids.hpp"
#include "token_scripts.hpp"

#include <charconv>

namespace holdfast {
namespace {

constexpr milliseconds probe_interval{200};
constexpr seconds longest_settling{2};
constexpr int most_entries = 1000;
constexpr int page_size = 1000;

std::int64_t number_in(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The three words of "guard user sid", checked; nothing for what this node cannot name.
std::optional<session_ref> read_session(std::string_view text) {
    const auto first = text.find(' ');
    const auto second = text.find(' ', first + 1);
    if (first == text.npos || second == text.npos) return std::nullopt;
    auto guard = guard_name::parse(text.substr(0, first));
    auto user = user_id::parse(text.substr(first + 1, second - first - 1));
    auto sid = session_id::parse(text.substr(second + 1));
    if (!guard || !user || !sid) return std::nullopt;
    return session_ref(user_ref(std::move(*guard), std::move(*user)), std::move(*sid));
}

std::optional<user_ref> read_user(std::string_view text) {
    const auto blank = text.find(' ');
    if (blank == text.npos) return std::nullopt;
    auto guard = guard_name::parse(text.substr(0, blank));
    auto user = user_id::parse(text.substr(blank + 1));
    if (!guard || !user) return std::nullopt;
    return user_ref(std::move(*guard), std::move(*user));
}

}  // namespace

revocation_follower::revocation_follower(session_store& sessions, journal& events,
                                         guards_reader guards, milliseconds staleness)
    : sessions_(sessions),
      events_(events),
      guards_(std::move(guards)),
      staleness_(staleness),
      wake_(sessions.local().executor()),
      settled_(sessions.local().executor()),
      node_(owner_id::random(sessions.local()).str()) {
    pushes_ = sessions.shared().pushes().listen("token", [this](std::string_view) {
        pushed_ = true;
        wake_.notify_all();
    });
}

std::optional<revocation_follower::answer> revocation_follower::judge(
    const token_view& token, const token_policy& policy) const {
    if (!fresh_since_ || staleness_ == milliseconds{0}) return std::nullopt;
    const auto local = sessions_.local().now();
    const auto age = std::chrono::ceil<milliseconds>(local - *fresh_since_);
    if (mutant("replica-not-consulted")) return answer{local_verdict::accept, age};
    if (age > staleness_ && !mutant("stale-replica-trusted")) return std::nullopt;
    const auto now_ms = to_unix_ms(sessions_.clock().now(local));
    return answer{table_.judge(token, policy, now_ms, born_ms_), age};
}

void revocation_follower::stop() {
    stopped_ = true;
    wake_.notify_all();
    settled_.notify_all();
}

task<bool> revocation_follower::settle() {
    auto& rt = sessions_.local();
    const auto asked = rt.now();
    const auto deadline = asked + longest_settling;
    pushed_ = true;
    wake_.notify_all();
    while (following_ && (!fresh_since_ || *fresh_since_ < asked)) {
        if (stopped_ || rt.now() >= deadline) co_return false;
        co_await settled_.wait_until(rt, deadline);
    }
    co_return true;
}

task<void> revocation_follower::run() {
    auto& rt = sessions_.local();
    following_ = true;
    while (!stopped_) {
        pushed_ = false;
        const auto reached = co_await probe();
        if (reached == step::caught_up) settled_.notify_all();
        if (stopped_ || reached == step::more) continue;
        table_.forget_before(sessions_.clock().known() ? to_unix_ms(sessions_.clock().now(rt.now()))
                                                       : 0);
        if (pushed_ && reached == step::caught_up) continue;
        co_await wake_.wait_until(rt, rt.now() + probe_interval);
    }
}

/// An entry is "<number> <ms> <text>".
void revocation_follower::apply_entry(std::string_view entry) {
    const auto first = entry.find(' ');
    const auto second = entry.find(' ', first + 1);
    if (second == entry.npos) return;
    table_.apply(entry.substr(second + 1));
    applied_ = number_in(entry.substr(0, first));
    last_entry_ = entry;
}

task<revocation_follower::step> revocation_follower::probe() {
    const auto asked_at = sessions_.local().now();
    const auto& names = sessions_.keys();
    script_keys keys(names.feed(), names.log(), names.nodes());
    script_args args(node_, born_, applied_, last_entry_, staleness_.count(), most_entries);
    const auto answer =
        co_await sessions_.shared().run(scripts::token::pull, std::move(keys), std::move(args));
    if (!answer) co_return step::trouble;
    const auto& reply = *answer;
    const auto time = reply[1].integer();
    if (!time) co_return step::trouble;
    sessions_.clock().observe(asked_at, sessions_.local().now(), from_unix_ms(*time));
    const auto status = reply[0].as_text();
    if (status == "lost" && loaded_) {
        fresh_since_.reset();
        const bool restored = co_await restore_what_was_lost(std::string(reply[2].as_text()));
        if (!restored) co_return step::trouble;
    }
    if (status != "ok") co_return co_await load_snapshot();
    for (const auto& entry : reply[4].items()) apply_entry(entry.as_text());
    if (applied_ < number_in(reply[3].as_text())) co_return step::more;
    fresh_since_ = asked_at;
    loaded_ = true;
    co_return step::caught_up;
}

task<revocation_follower::step> revocation_follower::load_snapshot() {
    const auto& names = sessions_.keys();
    revocation_table fresh;
    std::string born;
    std::string first_entry;
    std::int64_t first_number = 0;
    std::string from = "0";
    int page = page_size;
    for (bool first = true, full = true; full; first = false) {
        script_keys keys(names.feed(), names.log(), names.state(), names.expiry());
        script_args args(from, page);
        const auto answer = co_await sessions_.shared().run(scripts::token::snapshot,
                                                            std::move(keys), std::move(args));
        if (!answer) co_return step::trouble;
        const auto& reply = *answer;
        if (first) {
            born = reply[1].as_text();
            first_number = number_in(reply[2].as_text());
            first_entry = reply[3].as_text();
        } else if (born != reply[1].as_text()) {
            co_return step::more;  // lost in the middle: the next probe notices
        }
        for (const auto& text : reply[5].items()) fresh.apply(text.as_text());
        full = static_cast<int>(reply[5].items().size()) >= page;
        // A page that ends where it began holds one instant only: ask for more of it.
        page = from == reply[4].as_text() ? page * 2 : page_size;
        from = reply[4].as_text();
    }
    table_ = std::move(fresh);
    born_ = std::move(born);
    born_ms_ = number_in(born_);
    applied_ = first_number;
    last_entry_ = std::move(first_entry);
    co_return step::more;
}

task<bool> revocation_follower::restore_what_was_lost(std::string born) {
    const auto guards = guards_();
    // Users first: they are few, and each login until then may have to be repeated.
    const bool users_done = co_await restore_users(guards);
    if (!users_done) co_return false;
    const bool sessions_done = co_await restore_sessions(guards);
    if (!sessions_done) co_return false;
    script_keys keys(sessions_.keys().feed());
    script_args args(std::move(born));
    const auto vouched =
        co_await sessions_.shared().run(scripts::token::vouch, std::move(keys), std::move(args));
    co_return vouched && (*vouched)[0].as_integer() == 1;
}

task<bool> revocation_follower::restore_sessions(std::shared_ptr<const guard_set> guards) {
    std::vector<std::pair<session_ref, std::int64_t>> known;
    for (const auto& [name, entry] : table_.sessions())
        if (auto session = entry.revoked ? read_session(name) : std::nullopt)
            known.emplace_back(std::move(*session), entry.drop_ms);
    for (const auto& [session, until_ms] : known) {
        const auto guard = guards->find(session.owner.guard);
        if (guard == nullptr) continue;
        const auto again = co_await sessions_.revoke(guard, session, until_ms);
        if (!again) co_return false;
        events_.record({event_kind::session_revoked, session.sid.str(), session.owner.user.str(), 0,
                        "recorded_again"});
    }
    co_return true;
}

task<bool> revocation_follower::restore_users(std::shared_ptr<const guard_set> guards) {
    std::vector<std::pair<user_ref, revocation_table::user_entry>> known;
    for (const auto& [name, entry] : table_.users())
        if (auto user = read_user(name)) known.emplace_back(std::move(*user), entry);
    for (const auto& [user, entry] : known) {
        const auto guard = guards->find(user.guard);
        if (guard == nullptr) continue;
        const auto again =
            co_await sessions_.revoke_user(guard, user, node_, entry.epoch, entry.drop_ms);
        if (!again) co_return false;
        events_.record({event_kind::user_revoked, user.user.str(), user.guard.str(), entry.epoch,
                        "recorded_again"});
    }
    co_return true;
}

}  // namespace holdfast
