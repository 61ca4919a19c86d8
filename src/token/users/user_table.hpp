// Users of one guard: who exists, who may log in. Blocking; called on a blocking_pool.
#pragma once

#include "base/secret.hpp"
#include "holdfast/error.hpp"
#include "holdfast/time.hpp"
#include "token/names.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

/// What is known about a user, without the password hash.
struct user_record {
    user_id id;
    account_name account;
    std::string name;
    bool disabled;
    wall_time created_at;
    wall_time updated_at;
};

/// A crypt(3) hash as stored. A type of its own: it never travels where a password or name does.
class password_hash {
public:
    explicit password_hash(std::string text) : text_(std::move(text)) {}
    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

struct user_credentials {
    user_record user;
    password_hash hash;
};

struct new_user {
    new_user(account_name who, std::string display_name, password_hash secret, wall_time now)
        : account(std::move(who)),
          name(std::move(display_name)),
          hash(std::move(secret)),
          created_at(now) {}
    account_name account;
    std::string name;
    password_hash hash;
    wall_time created_at;
};

/// Where a guard's users are kept: SQLite here; a guard may bring its own.
///
/// Failures: `not_found` and `already_exists` are answers; `retry` (store_unavailable, overloaded)
/// and `broken` are trouble, from which nobody may conclude that a user is gone.
/// Thread rule: any thread, several at once. May block.
class user_table {
public:
    virtual result<user_record> find(const user_id& id) = 0;
    virtual result<user_credentials> find_credentials(const account_name& account) = 0;
    /// errc::already_exists when the account is taken, also by a concurrent call.
    virtual result<user_record> add(const new_user& user) = 0;
    /// Replaces the hash if it still is `before` (an upgrade never undoes a change of password).
    virtual result<void> replace_hash(const user_id& id, const password_hash& before,
                                      const password_hash& after, wall_time now) = 0;
    virtual result<void> set_hash(const user_id& id, const password_hash& hash, wall_time now) = 0;
    virtual result<void> set_disabled(const user_id& id, bool disabled, wall_time now) = 0;
    /// In order of creation, at most `limit` users after the first `offset`.
    virtual result<std::vector<user_record>> list(std::size_t offset, std::size_t limit) = 0;

    virtual ~user_table() = default;
};

}  // namespace holdfast
