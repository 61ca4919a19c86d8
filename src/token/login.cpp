// Login, registration and logout.
#include "base/encode.hpp"
#include "holdfast/ids.hpp"
#include "token/auth_impl.hpp"

namespace holdfast {

// A store that lost a logout-all which this node remembers will be told of it again, by this node
// or another. Told before the session begins, it does not end the new session with the old ones.
task<result<std::pair<session_ref, created_session>>> auth_service::impl::make_session(
    guard_ptr guard, user_ref owner) {
    const session_ref first(owner, session_id(owner_id::random(rt_).str()));
    const auto made = co_await sessions_.create(guard, first);
    if (!made) co_return made.error();
    const auto now_ms = to_unix_ms(sessions_.clock().now(rt_.now()));
    const auto known = follower_.table().known_of(owner, now_ms);
    if (made->first.user_epoch >= known.epoch) co_return std::pair(first, *made);
    auto request = first.sid.str();
    const auto told = co_await sessions_.revoke_user(guard, owner, std::move(request), known.epoch,
                                                     known.drop_ms);
    if (!told) co_return told.error();
    events_.record({event_kind::user_revoked, owner.user.str(), owner.guard.str(), known.epoch,
                    "recorded_again"});
    const session_ref second(owner, session_id(owner_id::random(rt_).str()));
    const auto again = co_await sessions_.create(guard, second);
    if (!again) co_return again.error();
    co_return std::pair(second, *again);
}

task<result<issued_token>> auth_service::impl::open_session(guard_ptr guard, user_id user) {
    user_ref owner(guard->name, std::move(user));
    const auto opened = co_await make_session(guard, std::move(owner));
    if (!opened) co_return opened.error();
    const auto& [session, made] = *opened;
    for (const auto& sid : made.surplus) {
        const session_ref old(session.owner, sid);
        const auto revoked = co_await sessions_.revoke(guard, old);
        if (!revoked) break;  // still listed: the user's next login ends it
        events_.record({event_kind::session_revoked, sid.str(), session.owner.user.str(), 0,
                        "too_many_sessions"});
    }
    const auto now = co_await sessions_.now();
    if (!now) co_return now.error();
    auto token = sign_identity(*guard, session, made.first, *now);
    if (token)
        events_.record({event_kind::token_issued, session.sid.str(), session.owner.user.str(), 1});
    co_return token;
}

task<login_outcome> auth_service::impl::failed_login(guard_ptr guard, login_request request,
                                                     error_code why) {
    events_.record({event_kind::login_failed, request.account.str(), guard->name.str(), 0,
                    name_of(errc_of(why))});
    if (why == errc::bad_credentials) {
        login_limiter limiter(sessions_.shared(), guard->name, guard->limits);
        (void)co_await limiter.count_failure(request.account, request.address);
    }
    co_return login_outcome{why};
}

task<void> auth_service::impl::wait_out_failure(steady_time begun) {
    if (failures_take_ <= milliseconds{0}) co_return;
    const auto steps = (rt_.now() - begun) / failures_take_ + 1;
    co_await rt_.sleep_until(begun + steps * failures_take_);
}

task<login_outcome> auth_service::impl::login(guard_name name, login_request request) {
    const auto begun = rt_.now();
    const auto guards = guards_;
    const auto guard = guards->find(name);
    if (guard == nullptr) co_return login_outcome{errc::not_found};
    login_limiter limiter(sessions_.shared(), guard->name, guard->limits);
    const auto wait = co_await limiter.wait_before(request.account, request.address);
    if (!wait) co_return login_outcome{wait.error()};
    if (*wait > milliseconds{0})
        co_return login_outcome{errc::rate_limited, std::chrono::ceil<seconds>(*wait)};
    auto user = co_await guards->desk().check_password(rt_, guard->users, request.account,
                                                       request.password.clone());
    if (!user) {
        auto failed = co_await failed_login(guard, std::move(request), user.error());
        if (failed.token.error() == errc::bad_credentials) co_await wait_out_failure(begun);
        co_return failed;
    }
    auto token = co_await open_session(guard, std::move(user->id));
    co_return login_outcome{std::move(token)};
}

task<login_outcome> auth_service::impl::register_user(guard_name name, registration request) {
    const auto guards = guards_;
    const auto guard = guards->find(name);
    if (guard == nullptr) co_return login_outcome{errc::not_found};
    if (!guard->registration_open) co_return login_outcome{errc::forbidden};
    auto user = co_await guards->desk().add(rt_, guard->users, request.account, request.name,
                                            std::move(request.password));
    if (!user) co_return login_outcome{user.error()};
    auto token = co_await open_session(guard, std::move(user->id));
    co_return login_outcome{std::move(token)};
}

task<result<issued_token>> auth_service::impl::issue(guard_name name, user_id user) {
    const auto guards = guards_;
    const auto guard = guards->find(name);
    if (guard == nullptr) co_return errc::not_found;
    const auto found = co_await guards->desk().find(rt_, guard->users, user);
    if (!found) co_return found.error();
    if (found->disabled) co_return errc::account_disabled;
    co_return co_await open_session(guard, std::move(user));
}

task<result<user_record>> auth_service::impl::user_info(guard_name name, user_id user) {
    const auto guards = guards_;
    const auto guard = guards->find(name);
    if (guard == nullptr) co_return errc::not_found;
    co_return co_await guards->desk().find(rt_, guard->users, std::move(user));
}

}  // namespace holdfast
