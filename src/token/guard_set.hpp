// The guards of a process: keys, rules, users. Immutable; a reload makes another set.
#pragma once

#include "token/jws/guard.hpp"
#include "token/jws/key_ring.hpp"
#include "token/login_limits.hpp"
#include "token/names.hpp"
#include "token/token_policy.hpp"
#include "token/users/user_desk.hpp"
#include "token/users/user_table.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast {

/// Everything one guard needs. The article's GetUserInfo is `users`: each guard has its own table.
struct guard_settings {
    explicit guard_settings(guard_name n) : name(std::move(n)) { tokens.name = name.str(); }

    guard_name name;
    guard_policy tokens;  ///< what is accepted; `tokens.name` is set already
    token_policy policy;  ///< what is issued and renewed
    key_ring_ptr keys;
    std::shared_ptr<user_table> users;
    std::string extra_claims = {};  ///< inside of a JSON object (parse_extra_claims), in each token
    bool registration_open = false;
    login_limits limits = {};
};

using guard_ptr = std::shared_ptr<const guard_settings>;

/// Readers on any thread share one.
class guard_set {
public:
    /// Throws boost::system::system_error (errc::invalid_configuration), whose text says what is
    /// wrong with which guard: no keys or none that signs, no users, a name twice, impossible
    /// numbers.
    guard_set(std::vector<guard_settings> guards, std::shared_ptr<user_desk> desk);

    /// Null when there is no such guard.
    guard_ptr find(const guard_name& name) const;
    const std::map<guard_name, guard_ptr>& all() const noexcept { return guards_; }
    /// Where the blocking work of all guards is done.
    user_desk& desk() const noexcept { return *desk_; }

private:
    std::map<guard_name, guard_ptr> guards_;
    std::shared_ptr<user_desk> desk_;
};

}  // namespace holdfast
