// Decides whether a server will do: its version, and what its access list lets us do.
#pragma once

#include "store/redis/greeting.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// True for 6.2 and newer; "7.0.15", "6.2", "255.255.255" (unreleased builds).
bool is_supported_version(std::string_view version) noexcept;

/// Reads HELLO's answer; the problem when it is an error or an unsupported server.
std::optional<link_problem> read_hello(const resp3_message& answer, const redis_options& options,
                                       server_facts& facts);

/// The rules the user lacks, as ACL SETUSER wants them: "+publish", "~hf:*", "&hf:*".
class missing_rules {
public:
    void add(std::string rule);
    /// Adds the rule that would have avoided this error line; not a permission error: nothing.
    void add_for(std::string_view error_line, const redis_options& options);
    bool empty() const noexcept { return rules_.empty(); }
    /// "Redis at … forbids …; …; ask for: ACL SETUSER app +publish &hf:*".
    link_problem problem(const redis_options& options) const;

private:
    std::vector<std::string> rules_;
};

}  // namespace holdfast
