// The promises of docs/guarantees.md 5 and 6, checked on the true clock.
#include "sim/token/token_checker.hpp"

#include "sim/world/store_view.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

constexpr nanoseconds clocks_learn_a_step = seconds{15};
constexpr seconds slow_probes{20};  // of replicas in a calm fleet, until what was lost is back
constexpr nanoseconds rounding = milliseconds{5};
constexpr nanoseconds early = milliseconds{100};  // a node keeps its best estimate for a while
constexpr nanoseconds drift_of_expiry = seconds{30};
constexpr nanoseconds longest_absence = seconds{60};  // of a node that vouches
constexpr nanoseconds raced_within = seconds{3};

std::string generation_text(std::string_view sid, std::uint64_t generation) {
    return std::string(sid) + " generation " + std::to_string(generation);
}

std::string_view word(std::string_view text, int index) {
    for (; index > 0; --index) text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
    return text.substr(0, text.find(' '));
}

/// A clock may run 1 % slow.
nanoseconds with_drift(nanoseconds span) { return span + span / 50 + rounding; }

}  // namespace

token_checker::session_truth* token_checker::find(std::string_view sid) {
    const auto found = sessions_.find(sid);
    return found == sessions_.end() ? nullptr : &found->second;
}

bool token_checker::excused(const session_truth& of) const {
    const auto disturbed = home_.server.disturbed_at();
    const auto learnt_within =
        clocks_learn_a_step + (home_.slow_rhythm() ? slow_probes : seconds{0});
    return disturbed != steady_time::min() && of.born <= disturbed + learnt_within;
}

// What a rollback brings back is no session that somebody vouched for.
bool token_checker::over_for_good(const session_truth& of) const {
    if (!of.ended || !of.lost || *of.lost - *of.ended < with_drift(longest_absence)) return false;
    const auto& store = home_.server;
    return store.rolled_back_at() < *of.ended && store.stepped_at() < of.born;
}

void token_checker::on_loss() {
    for (auto& [sid, of] : sessions_)
        if (of.ended && !of.lost) of.lost = home_.space.now();
}

bool token_checker::graced_out(const session_truth& of, std::uint64_t generation,
                               nanoseconds before) const {
    if (generation + 1 < of.newest) return true;
    const auto used = of.first_used.find(generation + 1);
    return used != of.first_used.end() && home_.space.now() >= used->second + rules_.grace - before;
}

void token_checker::on_token(const held_token& given) {
    auto* of = find(given.sid);
    if (of == nullptr || excused(*of)) return;
    if (!of->identities.contains(given.generation)) {
        judge_.fail("one successor", generation_text(given.sid, given.generation) +
                                         " was handed out and the store never made it");
        return;
    }
    const auto [seen, fresh] = of->texts.try_emplace(given.generation, given.text);
    if (!fresh && seen->second != given.text)
        judge_.fail("one successor", generation_text(given.sid, given.generation) +
                                         " was handed out as two different tokens");
}

void token_checker::on_answer(const process& by, const presented& what,
                              const result<accepted>& answer) {
    const auto* of = find(what.token.sid);
    if (of == nullptr || excused(*of)) return;
    if (answer) {
        check_accepted(by, what, *of);
    } else if (answer.error() == condition::denied) {
        check_denied(by, what, *of, answer.error());
    } else {
        judge_.mark("token: 503 for a living session");
    }
}

void token_checker::check_accepted(const process& by, const presented& what,
                                   const session_truth& of) {
    const auto name = generation_text(what.token.sid, what.token.generation);
    const auto bound = with_drift(what.staleness);
    if (of.ended && *of.ended + bound < what.asked_at)
        judge_.fail("revocation", name + " was accepted by " + by.node + " " +
                                      std::to_string((what.asked_at - *of.ended).count()) +
                                      " ns after its session had ended");
    if (of.fleet_told &&
        *of.fleet_told + with_drift(what.staleness) - what.staleness < what.asked_at)
        judge_.fail("revocation", name + " was accepted by " + by.node +
                                      " although a logout had said: no node takes it any more");
    const auto used = of.first_used.find(what.token.generation + 1);
    if (used != of.first_used.end() && used->second + rules_.grace + bound < what.asked_at)
        judge_.fail("grace", name + " was accepted by " + by.node + " after its grace");
}

void token_checker::check_denied(const process& by, const presented& what, const session_truth& of,
                                 error_code why) {
    if (of.ended || graced_out(of, what.token.generation, early)) return;
    const bool by_time =
        why == errc::token_expired || why == errc::token_not_yet_valid || why == errc::token_claims;
    // A node that was cut off while the store's clock stepped cannot know.
    const bool stepped = home_.server.disturbed_at() != steady_time::min();
    const bool over = what.token.expires_at <= home_.server.clock() + drift_of_expiry;
    if (over || (by_time && stepped)) return;
    judge_.fail("no false 401", by.node + " refused the living " +
                                    generation_text(what.token.sid, what.token.generation) + ": " +
                                    why.message());
}

void token_checker::on_logged_out(const std::string& sid, logout_reach reach) {
    auto* of = find(sid);
    if (of == nullptr || excused(*of)) return;
    if (!of->ended)
        judge_.fail("revocation", "logout of " + sid + " was acknowledged and not done");
    if (reach == logout_reach::fleet && !of->fleet_told) of->fleet_told = home_.space.now();
}

void token_checker::on_script(const executed& done) {
    if (!done.answer || done.args.size() < 3) return;
    if (done.what.name == "token/create") on_create(done);
    if (done.what.name == "token/renew") on_renew(done);
    if (done.what.name == "token/check") on_check(done);
    if (done.what.name == "token/revoke") on_revoke(done);
    if (done.what.name == "token/revoke_user") on_revoke_user(done);
}

void token_checker::on_create(const executed& done) {
    const auto& answer = *done.answer;
    auto [at, fresh] = sessions_.try_emplace(done.args[2]);
    auto& of = at->second;
    if (!fresh) return;
    auto rest = std::string_view(done.keys[0]);  // …:guard:user:sid
    rest.remove_suffix(done.args[2].size() + 1);
    of.user = rest.substr(rest.rfind(':') + 1);
    of.born = home_.space.now();
    of.losses = home_.server.losses();
    of.epoch = number(answer[4].as_text());
    std::string identity;
    for (const auto i : {2U, 3U, 5U, 6U, 4U, 2U})  // iat, exp, kid, claims, ue, auth
        identity.append(answer[i].as_text()).append("|");
    of.identities[1] = identity;
}

/// Items from `from` on: generation, iat, exp, kid, claims, ue, auth.
void token_checker::on_identity(session_truth& of, const std::string& sid, const reply& answer,
                                std::size_t from) {
    const auto generation = number<std::uint64_t>(answer[from].as_text());
    std::string identity;
    for (std::size_t i = from + 1; i < from + 7; ++i)
        identity.append(answer[i].as_text()).append("|");
    const auto [known, fresh] = of.identities.try_emplace(generation, identity);
    if (fresh || known->second == identity) return;
    if (!excused(of))
        judge_.fail("one successor", generation_text(sid, generation) + " is both " +
                                         known->second + " and " + identity);
    known->second = identity;
}

void token_checker::mark_raced(const executed& done, const session_truth& of) {
    if (done.by.name() != of.minter && home_.space.now() - of.minted_at < raced_within)
        judge_.mark("token: renewal raced inside the grace");
}

void token_checker::on_renew(const executed& done) {
    const auto sid = std::string(word(done.args[2], 2));
    auto* of = find(sid);
    if (of == nullptr) return;
    const auto status = (*done.answer)[0].as_text();
    const auto generation = number<std::uint64_t>(done.args[3]);
    if (status == "young") of->first_used.try_emplace(generation, home_.space.now());
    if (status != "minted" && status != "same") return;
    if (of->ended && !excused(*of))
        judge_.fail("logout beats renewal",
                    generation_text(sid, generation) + " was renewed after its session had ended");
    if (status == "minted") {
        if (generation < of->newest && !excused(*of))
            judge_.fail("one successor",
                        generation_text(sid, generation) + " was given another successor");
        of->newest = number<std::uint64_t>((*done.answer)[2].as_text());
        of->minter = done.by.name();
        of->minted_at = home_.space.now();
    }
    if (status == "same") mark_raced(done, *of);
    on_identity(*of, sid, *done.answer, 2);
}

void token_checker::on_check(const executed& done) {
    const auto sid = std::string(word(done.args[2], 2));
    auto* of = find(sid);
    if (of == nullptr) return;
    const auto status = (*done.answer)[0].as_text();
    const auto generation = number<std::uint64_t>(done.args[3]);
    if (status == "grace") {
        mark_raced(done, *of);
        on_identity(*of, sid, *done.answer, 2);
    }
    if (status == "ok" && excused(*of) && generation > 1) judge_.mark("token: outlived a loss");
    const bool live = status == "ok" || status == "grace";
    if (live && of->ended && !excused(*of))
        judge_.fail("revocation", generation_text(sid, generation) + " passed a check on " +
                                      done.by.name() + " after its session had ended");
    if (live && over_for_good(*of))
        judge_.fail("revocation", generation_text(sid, generation) + " came back on " +
                                      done.by.name() + " after a loss of data");
    if (live && graced_out(*of, generation, -rounding) && !excused(*of))
        judge_.fail("grace", generation_text(sid, generation) + " passed a check on " +
                                 done.by.name() + " after its grace");
    if (status == "ok") of->newest = std::max(of->newest, generation);
    if (status == "ok" && generation > 1) of->first_used.try_emplace(generation, home_.space.now());
    if (!live) check_refusal(done, *of, generation);
}

void token_checker::check_refusal(const executed& done, const session_truth& of,
                                  std::uint64_t generation) {
    const auto over = to_unix_seconds(home_.server.clock()) >= number(done.args[8]);
    if (of.ended || over || excused(of) || graced_out(of, generation, rounding)) return;
    judge_.fail("no false 401", "the store says " + std::string((*done.answer)[0].as_text()) +
                                    " to the living " +
                                    generation_text(word(done.args[2], 2), generation));
}

void token_checker::on_revoke(const executed& done) {
    const auto sid = std::string(word(done.args[2], 2));
    auto* of = find(sid);
    if (of == nullptr) return;
    if (!asked_.contains(sid) && !excused(*of))
        judge_.fail("no false 401", done.by.name() + " ended " + sid + ", which nobody asked for");
    if (!of->ended) of->ended = home_.space.now();
}

// A node that remembers a logout-all which the store has lost records it again. That ends, besides
// the sessions of before, those that began after the loss on nodes that do not remember it.
void token_checker::on_revoke_user(const executed& done) {
    const auto user = std::string(word(done.args[2], 1));
    auto& known = epochs_[user];
    const bool again = done.args[5] != "0";
    const auto epoch = number((*done.answer)[4].as_text());
    for (auto& [sid, of] : sessions_) {
        if (of.user != user || of.ended || of.epoch >= epoch) continue;
        const bool lost_before = epoch <= known.epoch && of.losses > known.losses;
        if (!asked_.contains("all " + user) && !excused(of))
            judge_.fail("no false 401", "all sessions of " + user + " ended unasked");
        // A login that records it again gives the session that it had made to nobody.
        const bool thrown_away = sid == done.args[4];
        if (again && !lost_before && !excused(of) && !thrown_away)
            judge_.fail("no false 401", sid + " was ended by a logout-all of before");
        if (again && lost_before) judge_.mark("token: began between a loss and its repair");
        of.ended = home_.space.now();
    }
    if (epoch > known.epoch) known = {epoch, home_.server.losses()};
}

}  // namespace holdfast::sim
