// Users first: they are few, and each login until then may have to be repeated.
#include "token/revocation_recovery.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace holdfast {
namespace {

constexpr std::size_t at_a_time = 100;  // then the feed is looked at: it may be lost again

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

void revocation_recovery::begin(const revocation_table& known, const revocation_table& stored,
                                std::int64_t number) {
    users_.clear();
    ended_.clear();
    next_ = 0;
    recorded_ = number;
    for (const auto& [name, entry] : known.users())
        if (auto user = stored.covers(name, entry) ? std::nullopt : read_user(name))
            users_.emplace_back(std::move(*user), entry);
    for (const auto& [name, entry] : known.sessions())
        if (auto session = stored.covers(name, entry) ? std::nullopt : read_session(name))
            ended_.emplace_back(std::move(*session), entry.drop_ms);
}

task<result<feed_position>> revocation_recovery::record(const guard_set& guards,
                                                        std::size_t index) {
    const feed_position nothing;
    if (index < users_.size()) {
        const auto [user, known] = users_[index];
        const auto guard = guards.find(user.guard);
        if (guard == nullptr) co_return nothing;
        const auto done =
            co_await sessions_.revoke_user(guard, user, request_, known.epoch, known.drop_ms);
        if (done)
            events_.record({event_kind::user_revoked, user.user.str(), user.guard.str(),
                            known.epoch, "recorded_again"});
        co_return done;
    }
    const auto [session, until_ms] = ended_[index - users_.size()];
    const auto guard = guards.find(session.owner.guard);
    if (guard == nullptr) co_return nothing;
    const auto done = co_await sessions_.revoke(guard, session, until_ms);
    if (done)
        events_.record({event_kind::session_revoked, session.sid.str(), session.owner.user.str(), 0,
                        "recorded_again"});
    co_return done;
}

task<bool> revocation_recovery::go_on(std::shared_ptr<const guard_set> guards) {
    for (const auto end = next_ + at_a_time; next_ < end && !done(); ++next_) {
        const auto position = co_await record(*guards, next_);
        if (!position) co_return false;
        recorded_ = std::max(recorded_, position->number);
    }
    co_return true;
}

}  // namespace holdfast
