// A user table in memory that is in trouble now and then.
#pragma once

#include "sim/world/random.hpp"
#include "token/users/user_table.hpp"

#include <vector>

namespace holdfast::sim {

/// Never says that a user is gone when it only cannot tell. For the one thread of a simulation.
class memory_users final : public user_table {
public:
    /// `trouble`: of a million lookups, so many fail.
    memory_users(random draws, std::uint32_t trouble) : draws_(draws), trouble_(trouble) {}

    result<user_record> find(const user_id& id) override;
    result<user_credentials> find_credentials(const account_name& account) override;
    result<user_record> add(const new_user& user) override;
    result<void> replace_hash(const user_id& id, const password_hash& before,
                              const password_hash& after, wall_time now) override;
    result<void> set_hash(const user_id& id, const password_hash& hash, wall_time now) override;
    result<void> set_disabled(const user_id& id, bool disabled, wall_time now) override;
    result<std::vector<user_record>> list(std::size_t offset, std::size_t limit) override;

private:
    user_credentials* with(const user_id& id);

    random draws_;
    std::uint32_t trouble_;
    std::vector<user_credentials> users_;
};

}  // namespace holdfast::sim
