// A vector of users; what fails is drawn.
#include "sim/token/memory_users.hpp"

#include <algorithm>
#include <string>

namespace holdfast::sim {

user_credentials* memory_users::with(const user_id& id) {
    const auto found =
        std::ranges::find(users_, id, [](const user_credentials& one) { return one.user.id; });
    return found == users_.end() ? nullptr : &*found;
}

result<user_record> memory_users::find(const user_id& id) {
    if (draws_.chance(trouble_)) return errc::store_unavailable;
    const auto* found = with(id);
    if (found == nullptr) return errc::not_found;
    return found->user;
}

result<user_credentials> memory_users::find_credentials(const account_name& account) {
    if (draws_.chance(trouble_)) return errc::store_unavailable;
    const auto found = std::ranges::find(
        users_, account, [](const user_credentials& one) { return one.user.account; });
    if (found == users_.end()) return errc::not_found;
    return *found;
}

result<user_record> memory_users::add(const new_user& user) {
    const auto taken = std::ranges::any_of(
        users_, [&user](const user_credentials& one) { return one.user.account == user.account; });
    if (taken) return errc::already_exists;
    user_record made{user_id(std::to_string(users_.size() + 1)),
                     user.account,
                     user.name,
                     false,
                     user.created_at,
                     user.created_at};
    users_.push_back({made, user.hash});
    return made;
}

result<void> memory_users::replace_hash(const user_id& id, const password_hash& before,
                                        const password_hash& after, wall_time now) {
    const auto* found = with(id);
    if (found == nullptr || found->hash.text() != before.text()) return errc::not_found;
    return set_hash(id, after, now);
}

result<void> memory_users::set_hash(const user_id& id, const password_hash& hash, wall_time now) {
    auto* found = with(id);
    if (found == nullptr) return errc::not_found;
    found->hash = hash;
    found->user.updated_at = now;
    return {};
}

result<void> memory_users::set_disabled(const user_id& id, bool disabled, wall_time now) {
    auto* found = with(id);
    if (found == nullptr) return errc::not_found;
    found->user.disabled = disabled;
    found->user.updated_at = now;
    return {};
}

result<std::vector<user_record>> memory_users::list(std::size_t offset, std::size_t limit) {
    std::vector<user_record> page;
    for (auto i = offset; i < users_.size() && page.size() < limit; ++i)
        page.push_back(users_[i].user);
    return page;
}

}  // namespace holdfast::sim
