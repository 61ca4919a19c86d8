// The public face: each call goes to the part that does it.
#include "token/auth_service.hpp"

#include "token/auth_impl.hpp"

namespace holdfast {

auth_service::auth_service(runtime& rt, store& shared, journal& events,
                           std::shared_ptr<const guard_set> guards, options opts)
    : impl_(std::make_unique<impl>(rt, shared, events, std::move(guards), opts)) {}

auth_service::~auth_service() = default;

task<result<accepted>> auth_service::authenticate(guard_name guard, std::string token) {
    return impl_->authenticate(std::move(guard), std::move(token));
}

std::optional<result<accepted>> auth_service::authenticate_here(const guard_name& guard,
                                                                std::string_view token) {
    return impl_->authenticate_here(guard, token);
}

task<login_outcome> auth_service::login(guard_name guard, login_request request) {
    return impl_->login(std::move(guard), std::move(request));
}

task<login_outcome> auth_service::register_user(guard_name guard, registration request) {
    return impl_->register_user(std::move(guard), std::move(request));
}

task<result<issued_token>> auth_service::issue(guard_name guard, user_id user) {
    return impl_->issue(std::move(guard), std::move(user));
}

task<result<user_record>> auth_service::user_info(guard_name guard, user_id user) {
    return impl_->user_info(std::move(guard), std::move(user));
}

task<result<void>> auth_service::logout(accepted who, logout_reach reach) {
    return impl_->logout(user_ref(std::move(who.guard), std::move(who.user)),
                         std::move(who.session), reach);
}

task<result<void>> auth_service::logout_all(guard_name guard, user_id user, logout_reach reach) {
    return impl_->logout_all(std::move(guard), std::move(user), reach);
}

task<result<std::optional<introspection>>> auth_service::introspect(std::string token) {
    return impl_->introspect(std::move(token));
}

task<result<void>> auth_service::revoke(std::string token) {
    return impl_->revoke(std::move(token));
}

void auth_service::reload(std::shared_ptr<const guard_set> guards) {
    impl_->reload(std::move(guards));
}

task<void> auth_service::follow_revocations() { return impl_->follow_revocations(); }

void auth_service::stop() { impl_->stop(); }

}  // namespace holdfast
