// The end of one session or of all sessions of a user, as far as the caller wants to wait.
#include "holdfast/ids.hpp"
#include "token/auth_impl.hpp"
#include "token/fleet_barrier.hpp"

namespace holdfast {

task<result<void>> auth_service::impl::logout(user_ref owner, session_id sid, logout_reach reach) {
    const auto guard = guards_->find(owner.guard);
    if (guard == nullptr) co_return errc::not_found;
    const session_ref session(std::move(owner), std::move(sid));
    const auto position = co_await sessions_.revoke(guard, session);
    if (!position) co_return position.error();
    follower_.note_revoked(session, drop_time(*guard));
    events_.record(
        {event_kind::session_revoked, session.sid.str(), session.owner.user.str(), 0, "logout"});
    if (reach == logout_reach::store) co_return result<void>{};
    co_return co_await wait_until_applied(sessions_, *position);
}

/// When the last token that a revocation bars has died, in milliseconds of the store's clock.
std::int64_t auth_service::impl::drop_time(const guard_settings& guard) const {
    const auto now = sessions_.clock().now(rt_.now());
    return to_unix_ms(now + guard.tokens.max_ttl + guard.tokens.expiry_leeway + minutes{1});
}

task<result<void>> auth_service::impl::logout_all(guard_name name, user_id user,
                                                  logout_reach reach) {
    const auto guard = guards_->find(name);
    if (guard == nullptr) co_return errc::not_found;
    const user_ref owner(std::move(name), std::move(user));
    auto request = owner_id::random(rt_).str();
    const auto position = co_await sessions_.revoke_user(guard, owner, std::move(request), 0);
    if (!position) co_return position.error();
    follower_.note_epoch(owner, position->epoch, position->until_ms);
    events_.record({event_kind::user_revoked, owner.user.str(), owner.guard.str(), 0, "logout"});
    if (reach == logout_reach::store) co_return result<void>{};
    co_return co_await wait_until_applied(sessions_, *position);
}

task<result<void>> auth_service::impl::revoke(std::string token) {
    const auto guards = guards_;
    const auto now = co_await sessions_.now();
    if (!now) co_return now.error();
    for (const auto& [name, guard] : guards->all()) {
        auto read = read_token(*guard, token, *now, true);
        if (!read) continue;
        co_return co_await logout(read->session.owner, read->session.sid, logout_reach::store);
    }
    co_return result<void>{};
}

}  // namespace holdfast
