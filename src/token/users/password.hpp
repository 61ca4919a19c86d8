// Passwords through crypt(3): the rule for new ones, hashing, checking, upgrading.
#pragma once

#include "base/secret.hpp"
#include "holdfast/error.hpp"
#include "token/users/user_table.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

/// Which new passwords are taken. Old ones are checked as they are.
struct password_rule {
    std::size_t least = 6;   ///< bytes
    std::size_t most = 256;  ///< bytes; libxcrypt takes 511

    /// errc::invalid_argument outside the lengths or with a NUL byte, which crypt(3) would cut at.
    result<void> check(const secret_text& password) const;
};

/// Random bytes for one salt, drawn by the caller from a runtime.
using password_salt = std::array<std::byte, 16>;

/// yescrypt for new hashes; bcrypt ($2a$, $2b$, $2y$) accepted when checking.
/// Thread rule: any thread, several at once. Every call burns CPU on purpose: use a blocking_pool.
class password_hasher {
public:
    /// 1 (fast, for tests) to 11; 5 is libxcrypt's own default. Throws boost::system::system_error
    /// (errc::invalid_configuration) outside that range.
    explicit password_hasher(unsigned cost = 5);

    /// errc::internal when libxcrypt refuses.
    result<password_hash> hash(const secret_text& password, const password_salt& salt) const;

    /// Whether the password belongs to the hash. Without a hash (unknown account) it does the work
    /// of a new hash and says no, so that both cases take the same time.
    bool matches(const secret_text& password, const std::optional<password_hash>& hash) const;

    /// Made with a weaker method or cost than hash() uses now, and safe to replace by what was
    /// typed: bcrypt reads 72 bytes only, so longer passwords keep their old hash.
    bool should_upgrade(const password_hash& hash, const secret_text& password) const;

    unsigned cost() const noexcept { return cost_; }

private:
    unsigned cost_;
    std::string dummy_setting_;
};

}  // namespace holdfast
