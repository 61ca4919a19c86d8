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

/// A command that scripts of Holdfast use, as the greeting tries it on a key of its own.
struct tried_command {
    std::string_view name;
    std::vector<std::string_view> after_key = {};  ///< its arguments; the first is always the key
};
/// In an order in which nothing is left behind. A test holds the list against all scripts.
const std::vector<tried_command>& commands_of_scripts();

/// The rules the user lacks, as ACL SETUSER wants them: "+publish", "~hf:*", "&hf:*".
class missing_rules {
public:
    /// Which permission an answer bears on.
    enum class about { command, key, other_key, channel };

    /// Notes what one tried command was answered; `line` is empty when it was let through. `name`
    /// is the command's, or the other key.
    void note(about what, std::string_view name, std::string_view line);
    bool empty() const noexcept;
    /// "Redis at … does not let user 'app' …; …; … ACL SETUSER app +publish &hf:*".
    link_problem problem(const redis_options& options) const;

private:
    // A command that is forbidden says nothing of the key or channel it names.
    enum class access { untold, granted, refused };
    std::vector<std::string> commands_;
    std::vector<std::string> other_keys_;
    access keys_ = access::untold;
    access channels_ = access::untold;
};

}  // namespace holdfast
