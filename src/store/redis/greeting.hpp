// The first words on a new connection: RESP3, who we are, may we, and which pushes we want.
#pragma once

#include "store/redis/inbox.hpp"
#include "store/redis/redis_stream.hpp"

#include <string>
#include <vector>

namespace holdfast {

struct push_channels {
    std::string process;
    std::string fleet;
};

/// What a server said of itself.
struct server_facts {
    std::string version;  ///< "7.0.15"
    bool replica = false;
    std::string eviction;  ///< maxmemory-policy; empty when the server does not tell us
};

struct greeting {
    std::optional<link_problem> problem;
    server_facts facts;
    std::vector<resp3_message> early_pushes;  ///< came while the subscriptions were confirmed
};

/// Sends HELLO 3 with the credentials, then selects the database, tries every permission scripts
/// need and subscribes. Nothing is left behind in the database. Problems: a wrong password and
/// missing permissions (errc::permission_denied, with the ACL line to add), a version below 6.2
/// (errc::unsupported_server), a server that is still loading or breaks off (retry group).
/// Ends early when the stream is closed. The references outlive the call.
task<greeting> greet(redis_stream& stream, inbox& in, const redis_options& options,
                     const push_channels& channels);

}  // namespace holdfast
