// The blocking half of authentication: user lookups and password work, off the event loops.
#pragma once

#include "token/users/blocking_pool.hpp"
#include "token/users/password.hpp"
#include "token/users/user_table.hpp"

#include <memory>

namespace holdfast {

/// Shared by all threads of a process. Lookups and hashing have pools of their own, so that a storm
/// of logins never delays renewals. Destroy it before the runtimes that use it.
class user_desk {
public:
    struct options {
        unsigned hash_cost = 5;  ///< of new yescrypt hashes, 1 to 11
        password_rule rule = {};
        blocking_pool::limits lookups = {2, 1024};
        blocking_pool::limits hashing = {2, 64};
    };

    explicit user_desk(options opts);

    const password_rule& rule() const noexcept { return options_.rule; }

    task<result<user_record>> find(runtime& rt, std::shared_ptr<user_table> table, user_id id);

    /// errc::bad_credentials for an unknown account and for a wrong password, after the same work;
    /// account_disabled only after the right password. Upgrades an old hash on the way.
    task<result<user_record>> check_password(runtime& rt, std::shared_ptr<user_table> table,
                                             account_name account, secret_text password);

    /// errc::invalid_argument by rule(), already_exists.
    task<result<user_record>> add(runtime& rt, std::shared_ptr<user_table> table,
                                  account_name account, std::string name, secret_text password);

private:
    options options_;
    password_hasher hasher_;
    blocking_pool lookups_;
    blocking_pool hashing_;
};

}  // namespace holdfast
