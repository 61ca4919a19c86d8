// Services that show each other the Same-Token while it is rotated, and what is checked of that.
#include "holdfast/same_token.hpp"
#include "sim/workload.hpp"
#include "sim/world/store_view.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr auto current_key = "satoken:var:same-token";
constexpr auto past_key = "satoken:var:past-same-token";
constexpr auto meta_key = "satoken:var:same-token-meta";
constexpr nanoseconds rest = seconds{3};
constexpr nanoseconds rounding = milliseconds{5};
constexpr nanoseconds clocks_learn_a_step = seconds{15};
constexpr std::uint64_t owed_after_healing = 5;

same_token_options rules(bool slow) {
    same_token_options options;
    options.interval = minutes{3};
    options.ttl = minutes{15};
    if (slow)
        options.refresh_every = seconds{25};
    else
        options.overlap = seconds{30};
    return options;
}

class same_token_workload final : public workload {
public:
    same_token_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to), draws_(draws), rules_(rules(of.slow_rhythm())) {}

    task<void> run(process& self) override;
    void on_script(const executed& done) override;
    void on_unknown(const process&, std::string_view script) override {
        if (script == "same_token/rotate") judge.mark("same-token: rotation without a reply");
    }
    void on_loss() override {
        announced_.clear();
        current_.clear();
    }
    void healed() override { answered_.clear(); }
    nanoseconds owed_within() const override;
    void finish() override;

private:
    task<void> keep_fresh(same_token_service& tokens) { return tokens.run(); }
    task<void> rotate(process& self, same_token_service& tokens);
    task<void> call(process& self, same_token_service& to);
    void on_swap(const std::string& from, const std::string& to);
    bool has_answered(const node& one) const;
    bool disturbed_since(steady_time then) const {
        const auto at = home.server.disturbed_at();
        return at != steady_time::min() && then <= at + clocks_learn_a_step;
    }

    random draws_;
    same_token_options rules_;
    std::string current_;
    std::optional<steady_time> swapped_at_;
    std::map<std::string, steady_time> announced_;
    std::map<std::string, std::string> sent_;  // by caller: what it would show now
    std::map<std::string, std::uint64_t> answered_;
};

task<void> same_token_workload::run(process& self) {
    auto& host = host_of(self);
    auto tokens = std::make_shared<same_token_service>(self.rt, self.shared, self.events, rules_);
    host.keep(tokens);
    host.spawn(keep_fresh(*tokens));
    host.spawn(rotate(self, *tokens));
    while (true) {
        co_await self.rt.sleep_until(self.rt.now() + draws_.around(rest));
        co_await until_busy(self);
        co_await call(self, *tokens);
    }
}

task<void> same_token_workload::rotate(process& self, same_token_service& tokens) {
    while (true) {
        auto step = tokens.rotate();
        (void)co_await std::move(step);
        co_await self.rt.sleep_until(self.rt.now() + draws_.around(nanoseconds(rules_.interval)));
    }
}

// Shows what another service was about to send a moment ago, then notes what this one would send.
task<void> same_token_workload::call(process& self, same_token_service& to) {
    auto fresh = to.fresh_current();
    const auto mine = co_await std::move(fresh);
    if (!mine) co_return;
    sent_[self.node] = *mine;
    // The services of this fleet that are up know it, or ask: a call is judged where it arrives.
    const auto asked_at = now();
    const auto chosen = draws_.below(sent_.size());
    auto from = sent_.begin();
    for (std::uint64_t i = 0; i < chosen; ++i) ++from;
    const auto shown = from->second;
    const auto stored = [this](const char* key) {
        const auto found = text_at(home.server, key);
        return found ? found->value : std::string();
    };
    const bool lives = shown == stored(current_key) || shown == stored(past_key) ||
                       field_at(home.server, meta_key, "next") == shown;
    auto check = to.check(shown);
    const auto answer = co_await std::move(check);
    if (!answer) {
        judge.mark("same-token: 503 while the store is away");
        co_return;
    }
    ++answered_[self.node];
    if (*answer == same_token_match::past) judge.mark("same-token: taken in its overlap");
    const bool still = shown == stored(current_key) || shown == stored(past_key) ||
                       field_at(home.server, meta_key, "next") == shown;
    if (*answer == same_token_match::refused && lives && still && !disturbed_since(asked_at))
        judge.fail("never refused", self.node + " refused a token that the store holds");
}

void same_token_workload::on_script(const executed& done) {
    if (done.what.name != "same_token/rotate" || !done.answer) return;
    const auto next = field_at(home.server, meta_key, "next");
    if (next) announced_.try_emplace(*next, now());
    const auto held = text_at(home.server, current_key);
    if (!held || held->value == current_) return;
    if (!current_.empty() && (*done.answer)[0].as_text() != "first") on_swap(current_, held->value);
    current_ = held->value;
}

// Announced for long enough, and what was used until now is taken for the whole overlap.
void same_token_workload::on_swap(const std::string& from, const std::string& to) {
    const auto announced = announced_.find(to);
    const auto then = now() - rules_.activate_delay - rules_.overlap - rules_.interval;
    const auto before = std::exchange(swapped_at_, now());
    if (disturbed_since(then)) return;
    judge.mark("same-token: swapped");
    if (announced == announced_.end() ||
        announced->second > now() - rules_.activate_delay + rounding)
        judge.fail("announced first", "a token came into use that had not been announced before");
    if (before && now() - *before < rules_.overlap - rounding)
        judge.fail("overlap", "two rotations within one overlap: the first of three is refused");
    const auto past = text_at(home.server, past_key);
    if (!past || past->value != from || !past->left || *past->left < rules_.overlap - rounding)
        judge.fail("overlap", "the token before is not taken for the whole overlap");
}

bool same_token_workload::has_answered(const node& one) const {
    const auto found = answered_.find(one.name());
    return found != answered_.end() && found->second >= owed_after_healing;
}

// A store that was wiped has no token before the next rotation, and each node may rest for up to
// ten intervals.
nanoseconds same_token_workload::owed_within() const {
    const auto done = [this](const auto& one) { return has_answered(*one); };
    const bool all = std::ranges::all_of(home.space.nodes(), done);
    return all ? nanoseconds(minutes{15}) : 10 * nanoseconds(rules_.interval) + minutes{5};
}

void same_token_workload::finish() {
    for (const auto& one : home.space.nodes())
        if (!has_answered(*one))
            judge.fail("progress", one->name() + " judged no calls since everything was healed");
}

}  // namespace

std::unique_ptr<workload> make_same_token_workload(simulation::fleet& of, referee& to,
                                                   random draws) {
    return std::make_unique<same_token_workload>(of, to, draws);
}

}  // namespace holdfast::sim
