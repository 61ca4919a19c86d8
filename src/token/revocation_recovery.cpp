// Users first: they are few, and each login until then may have to be repeated.
#include "token/revocation_recovery.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace holdfast {
namespace {

// Between two steps the feed is looked at: it may be lost again.
constexpr std::size_t users_a_step = 100;
constexpr std::size_t sessions_a_step = 100;  // in one script

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
    recorded_ = number;
    for (const auto& [name, entry] : known.users())
        if (auto user = stored.covers(name, entry) ? std::nullopt : read_user(name))
            users_.emplace_back(std::move(*user), entry);
    for (const auto& [name, entry] : known.sessions())
        if (auto session = stored.covers(name, entry) ? std::nullopt : read_session(name))
            ended_.emplace_back(std::move(*session), entry.drop_ms);
}

task<result<feed_position>> revocation_recovery::record_user(const guard_set& guards) {
    const auto [user, known] = users_.back();
    result<feed_position> position{feed_position()};
    if (const auto guard = guards.find(user.guard)) {
        position =
            co_await sessions_.revoke_user(guard, user, request_, known.epoch, known.drop_ms);
        if (!position) co_return position;
        events_.record({event_kind::user_revoked, user.user.str(), user.guard.str(), known.epoch,
                        "recorded_again"});
    }
    users_.pop_back();
    co_return position;
}

task<result<feed_position>> revocation_recovery::record_sessions(const guard_set& guards) {
    const auto rest = ended_.size() - std::min(ended_.size(), sessions_a_step);
    std::vector<remembered_session> some;
    for (auto i = rest; i < ended_.size(); ++i)
        if (const auto& [session, until_ms] = ended_[i];
            auto guard = guards.find(session.owner.guard))
            some.emplace_back(std::move(guard), session, until_ms);
    result<feed_position> position{feed_position()};
    if (!some.empty()) {
        position = co_await sessions_.revoke_again(some);
        if (!position) co_return position;
    }
    for (const auto& one : some)
        events_.record({event_kind::session_revoked, one.session.sid.str(),
                        one.session.owner.user.str(), 0, "recorded_again"});
    ended_.erase(ended_.begin() + static_cast<std::ptrdiff_t>(rest), ended_.end());
    co_return position;
}

task<bool> revocation_recovery::go_on(std::shared_ptr<const guard_set> guards) {
    for (std::size_t i = 0; i < users_a_step && !users_.empty(); ++i) {
        const auto position = co_await record_user(*guards);
        if (!position) co_return false;
        recorded_ = std::max(recorded_, position->number);
    }
    if (!users_.empty() || ended_.empty()) co_return true;
    const auto position = co_await record_sessions(*guards);
    if (!position) co_return false;
    recorded_ = std::max(recorded_, position->number);
    co_return true;
}

}  // namespace holdfast
