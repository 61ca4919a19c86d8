// The parts of one auth_service and the calls they make together.
#pragma once

#include "token/auth_service.hpp"
#include "token/guard_set.hpp"
#include "token/jws/verified_tokens.hpp"
#include "token/renewal.hpp"
#include "token/revocation_follower.hpp"
#include "token/session_store.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

class auth_service::impl {
public:
    impl(runtime& rt, store& shared, journal& events, std::shared_ptr<const guard_set> guards,
         options opts)
        : rt_(rt),
          failures_take_(opts.failures_take),
          events_(events),
          guards_(std::move(guards)),
          sessions_(rt, shared),
          renewer_(sessions_, events),
          follower_(
              sessions_, events, [this] { return guards_; },
              opts.revocation == revocation_mode::replica ? opts.max_staleness : milliseconds{0}) {}

    task<result<accepted>> authenticate(guard_name name, std::string token);
    std::optional<result<accepted>> authenticate_here(const guard_name& name,
                                                      std::string_view token);
    task<login_outcome> login(guard_name name, login_request request);
    task<login_outcome> register_user(guard_name name, registration request);
    task<result<issued_token>> issue(guard_name name, user_id user);
    task<result<user_record>> user_info(guard_name name, user_id user);
    task<result<void>> logout(user_ref owner, session_id sid, logout_reach reach);
    task<result<void>> logout_all(guard_name name, user_id user, logout_reach reach);
    task<result<std::optional<introspection>>> introspect(std::string token);
    task<result<void>> revoke(std::string token);
    task<void> follow_revocations() { return follower_.run(); }
    void stop() { follower_.stop(); }
    void reload(std::shared_ptr<const guard_set> guards) {
        guards_ = std::move(guards);
        known_.clear();
    }

private:
    using guards_ptr = std::shared_ptr<const guard_set>;

    /// Genuine, this guard's, and in force by the store's clock unless that may be `at_any_time`:
    /// what is to end ends also where the clock is not known well. Nothing is asked of the session.
    result<presented_token> read_token(const guard_settings& guard, std::string_view token,
                                       wall_time now, bool at_any_time) const;
    /// read_token() with a memory of tokens that were genuine before. Good until the next call.
    result<const token_claims*> read_again(const guard_ptr& guard, std::string_view token,
                                           wall_time now);
    /// The verdict, if the local copy is fresh enough for one and no renewal is due.
    std::optional<result<accepted>> judge_here(const guard_settings& guard, const token_view& token,
                                               wall_time now);
    task<result<accepted>> judge(guard_ptr guard, guards_ptr guards, presented_token token,
                                 wall_time now);
    /// Asks the store, and renews what is due.
    task<result<accepted>> judge_by_store(guard_ptr guard, guards_ptr guards, presented_token token,
                                          wall_time now);
    accepted describe(const guard_settings& guard, const token_view& token,
                      milliseconds freshness) const;
    /// The session as it was made: with another id when the store had lost the user's epoch.
    task<result<std::pair<session_ref, created_session>>> make_session(guard_ptr guard,
                                                                       user_ref owner);
    task<result<issued_token>> open_session(guard_ptr guard, user_id user);
    task<login_outcome> failed_login(guard_ptr guard, login_request request, error_code why);
    task<void> wait_out_failure(steady_time begun);
    std::int64_t drop_time(const guard_settings& guard) const;
    error_code refuse(errc why, const guard_name& guard, std::string_view sid = {});

    /// Verified tokens of one guard, as it is configured now.
    struct guard_memory {
        guard_ptr guard;
        verified_tokens tokens;
    };

    runtime& rt_;
    milliseconds failures_take_;
    journal& events_;
    guards_ptr guards_;
    std::map<guard_name, guard_memory> known_;
    session_store sessions_;
    renewer renewer_;
    revocation_follower follower_;
};

}  // namespace holdfast
