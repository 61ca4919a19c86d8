// The acceptance rule of check.lua over the node's own copy.
#include "token/revocation_table.hpp"

#include "base/mutant.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace holdfast {
namespace {

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto blank = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, blank));
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return words;
}

template <class Number>
bool read(std::string_view text, Number& out) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    return failed == std::errc{} && end == text.data() + text.size();
}

/// The words from the second up to `count` words, as one key.
std::string key_of(const std::vector<std::string_view>& words, std::size_t count) {
    std::string key(words[1]);
    for (std::size_t i = 2; i <= count; ++i) key.append(" ").append(words[i]);
    return key;
}

void raise(revocation_table::user_entry& known, const revocation_table::user_entry& to) {
    known.epoch = std::max(known.epoch, to.epoch);
    known.drop_ms = std::max(known.drop_ms, to.drop_ms);
}

bool in_grace(const revocation_table::session_entry& s, const token_policy& policy,
              std::int64_t now_ms) {
    if (policy.retire == retire_rule::mint) return now_ms < s.minted_ms + policy.grace.count();
    return s.confirmed_ms == 0 || now_ms < s.confirmed_ms + policy.grace.count();
}

}  // namespace

bool revocation_table::apply(std::string_view text) {
    const auto words = split(text);
    if (words.size() == 9 && words[0] == "s") {
        session_entry s;
        if (!read(words[4], s.generation) || !read(words[5], s.minted_ms) ||
            !read(words[6], s.confirmed_ms) || !read(words[8], s.drop_ms))
            return false;
        s.revoked = words[7] == "1";
        auto& known = sessions_[key_of(words, 3)];
        if (known.revoked) {
            s.revoked = true;
            s.drop_ms = std::max(s.drop_ms, known.drop_ms);
        }
        known = s;
        soonest_ms_ = std::min(soonest_ms_, s.drop_ms);
        return true;
    }
    if (words.size() == 5 && words[0] == "u") {
        user_entry u;
        if (!read(words[3], u.epoch) || !read(words[4], u.drop_ms)) return false;
        raise(users_[key_of(words, 2)], u);
        soonest_ms_ = std::min(soonest_ms_, u.drop_ms);
        return true;
    }
    return false;
}

void revocation_table::note_revoked(const session_ref& session, std::int64_t drop_ms) {
    auto& s = sessions_[session.str()];
    s.revoked = true;
    s.drop_ms = std::max(s.drop_ms, drop_ms);
    soonest_ms_ = std::min(soonest_ms_, drop_ms);
}

void revocation_table::note_epoch(const user_ref& user, std::uint64_t epoch, std::int64_t drop_ms) {
    raise(users_[user.str()], {epoch, drop_ms});
    soonest_ms_ = std::min(soonest_ms_, drop_ms);
}

local_verdict revocation_table::judge(const token_view& token, const token_policy& policy,
                                      std::int64_t now_ms, std::int64_t born_ms) const {
    const auto& claims = token.claims;
    if (claims.user_epoch < known_of(token.session.owner, now_ms).epoch)
        return local_verdict::revoked;
    const auto found = sessions_.empty() ? sessions_.end() : sessions_.find(token.session.str());
    if (found == sessions_.end()) {
        const bool began_here = claims.auth_time && to_unix_ms(*claims.auth_time) >= born_ms;
        return claims.generation == 1 && began_here ? local_verdict::accept : local_verdict::ask;
    }
    const auto& s = found->second;
    if (s.revoked) return local_verdict::revoked;
    if (claims.generation > s.generation) return local_verdict::ask;
    if (claims.generation == s.generation)
        return s.generation > 1 && s.confirmed_ms == 0 ? local_verdict::ask : local_verdict::accept;
    const bool predecessor = claims.generation + 1 == s.generation;
    if (predecessor && mutant("predecessor-never-dies-here")) return local_verdict::accept;
    return predecessor && in_grace(s, policy, now_ms) ? local_verdict::ask : local_verdict::reused;
}

revocation_table::user_entry revocation_table::known_of(const user_ref& user,
                                                        std::int64_t now_ms) const {
    if (users_.empty()) return {};
    const auto found = users_.find(user.str());
    const bool needed = found != users_.end() && found->second.drop_ms > now_ms;
    return needed ? found->second : user_entry();
}

void revocation_table::add_ended(const revocation_table& other) {
    soonest_ms_ = std::min(soonest_ms_, other.soonest_ms_);
    for (const auto& [user, entry] : other.users_) raise(users_[user], entry);
    for (const auto& [session, entry] : other.sessions_) {
        if (!entry.revoked) continue;
        auto& mine = sessions_[session];
        mine.revoked = true;
        mine.drop_ms = std::max(mine.drop_ms, entry.drop_ms);
    }
}

bool revocation_table::covers(const std::string& session, const session_entry& entry) const {
    if (!entry.revoked) return true;
    const auto found = sessions_.find(session);
    return found != sessions_.end() && found->second.revoked;
}

bool revocation_table::covers(const std::string& user, const user_entry& entry) const {
    const auto found = users_.find(user);
    if (found == users_.end()) return false;
    const auto& mine = found->second;
    return mine.epoch > entry.epoch || (mine.epoch == entry.epoch && mine.drop_ms >= entry.drop_ms);
}

void revocation_table::forget_before(std::int64_t now_ms) {
    if (now_ms <= soonest_ms_) return;
    soonest_ms_ = std::numeric_limits<std::int64_t>::max();
    const auto is_over = [&](const auto& item) {
        const auto drop_ms = item.second.drop_ms;
        if (drop_ms >= now_ms) soonest_ms_ = std::min(soonest_ms_, drop_ms);
        return drop_ms < now_ms;
    };
    std::erase_if(sessions_, is_over);
    std::erase_if(users_, is_over);
}

}  // namespace holdfast
