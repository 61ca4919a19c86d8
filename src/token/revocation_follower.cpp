// Probe, apply, reload, recover.
#include "token/revocation_follower.hpp"

#include "base/mutant.hpp"
#include "holdfast/ids.hpp"
#include "token_scripts.hpp"

#include <charconv>

namespace holdfast {
namespace {

// Between probes of a node that answers nothing by itself, and of a replica that may be very stale.
constexpr milliseconds rest_of_onlooker{1000}, longest_rest{10000};
constexpr seconds longest_settling{2};
constexpr seconds longest_absence{60};  // with which a node may still vouch
constexpr int most_entries = 1000;
constexpr int page_size = 1000;

std::int64_t number_in(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

revocation_follower::revocation_follower(session_store& sessions, journal& events,
                                         guards_reader guards, milliseconds staleness)
    : sessions_(sessions),
      guards_(std::move(guards)),
      staleness_(staleness),
      wake_(sessions.local().executor()),
      settled_(sessions.local().executor()),
      node_(owner_id::random(sessions.local()).str()),
      recovery_(sessions, events, node_) {
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

// Half of what is allowed is left for the way of the next probe. What changes is pushed; a node
// that answers nothing by itself asks only to notice what a lost push or a loss of data did.
nanoseconds revocation_follower::rest_between_probes() const {
    if (staleness_ == milliseconds{0}) return rest_of_onlooker;
    return std::min(nanoseconds(staleness_) / 2, nanoseconds(longest_rest));
}

void revocation_follower::stop() {
    stopped_ = true;
    wake_.notify_all();
    settled_.notify_all();
}

void revocation_follower::note_revoked(const session_ref& session, std::int64_t drop_ms) {
    if (following_) table_.note_revoked(session, drop_ms);
}

void revocation_follower::note_epoch(const user_ref& user, std::uint64_t epoch,
                                     std::int64_t drop_ms) {
    if (following_) table_.note_epoch(user, epoch, drop_ms);
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
        if (sessions_.clock().known())
            table_.forget_before(to_unix_ms(sessions_.clock().now(rt.now())));
        if (pushed_ && reached == step::caught_up) continue;
        co_await wake_.wait_until(rt, rt.now() + rest_between_probes());
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
    // A data set that holds the newest of its entries holds those before it.
    const bool recovered = recovering_ && recovery_.done() && applied_ >= recovery_.recorded();
    const auto& names = sessions_.keys();
    script_keys keys(names.feed(), names.log(), names.nodes());
    script_args args(node_, born_, applied_, last_entry_, staleness_.count(), most_entries,
                     recovered && may_vouch_ ? std::to_string(since_ms_) : "");
    const auto answer =
        co_await sessions_.shared().run(scripts::token::pull, std::move(keys), std::move(args));
    if (!answer) co_return step::trouble;
    const auto& reply = *answer;
    const auto time = reply[1].integer();
    if (!time) co_return step::trouble;
    sessions_.clock().observe(asked_at, sessions_.local().now(), from_unix_ms(*time));
    const auto status = reply[0].as_text();
    if (status == "lost" && loaded_) remember();
    if (status != "ok") co_return co_await load_snapshot();
    if (recovered) recovering_ = false;
    for (const auto& entry : reply[4].items()) apply_entry(entry.as_text());
    if (applied_ < number_in(reply[3].as_text())) co_return step::more;
    if (recovering_) co_return co_await recover();
    fresh_since_ = complete_at_ = asked_at;
    since_ms_ = number_in(reply[5].as_text());
    loaded_ = true;
    co_return step::caught_up;
}

// What ended between the last complete look and now, other nodes may know.
void revocation_follower::remember() {
    fresh_since_.reset();
    may_vouch_ = sessions_.local().now() - complete_at_ <= longest_absence;
    recovering_ = true;
}

task<revocation_follower::step> revocation_follower::recover() {
    const bool done = co_await recovery_.go_on(guards_());
    co_return done ? step::more : step::trouble;
}

task<revocation_follower::step> revocation_follower::load_snapshot() {
    const auto& names = sessions_.keys();
    revocation_table fresh;
    std::string born;
    std::string first_entry;
    std::int64_t first_number = 0;
    std::int64_t last_number = 0;
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
        last_number = number_in(reply[2].as_text());
        for (const auto& text : reply[5].items()) fresh.apply(text.as_text());
        full = static_cast<int>(reply[5].items().size()) >= page;
        // A page that ends where it began holds one instant only: ask for more of it.
        page = from == reply[4].as_text() ? page * 2 : page_size;
        from = reply[4].as_text();
    }
    if (recovering_) recovery_.begin(table_, fresh, last_number);
    fresh.add_ended(table_);
    table_ = std::move(fresh);
    born_ = std::move(born);
    born_ms_ = number_in(born_);
    applied_ = first_number;
    last_entry_ = std::move(first_entry);
    co_return step::more;
}

}  // namespace holdfast
