// A real redis-server that answers the same scripts as the engine under test.
#pragma once

#include "store/embedded/answer.hpp"
#include "support/redis_server.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

struct redisContext;

namespace holdfast::test {

class redis_peer {
public:
    explicit redis_peer(std::vector<std::string> server_arguments = {});
    ~redis_peer();
    redis_peer(const redis_peer&) = delete;

    /// EVAL of the text. Throws when the server goes away, as all of them do.
    embedded::answer eval(const std::string& text, const std::vector<std::string>& args) {
        return eval(text, {}, args);
    }
    embedded::answer eval(const std::string& text, const std::vector<std::string>& keys,
                          const std::vector<std::string>& args);
    embedded::answer command(const std::vector<std::string>& words);
    const redis_server& server() const noexcept { return server_; }

private:
    redis_server server_;
    redisContext* link_;
};

/// Hears what is published on a server.
class redis_listener {
public:
    redis_listener(const redis_server& on, const std::vector<std::string>& channels);
    ~redis_listener();
    redis_listener(const redis_listener&) = delete;

    /// "channel message", in order: all that were published before this is called.
    std::vector<std::string> heard();

private:
    redisContext* link_;
};

/// An answer in one line, as both sides must give it: unordered replies sorted, the position that
/// Redis adds to what a script raised removed.
std::string normal_form(embedded::answer from, const std::vector<std::string>& words);

/// Whether two normal forms say the same. Spans of time may differ by what the test itself took,
/// and errors of Lua itself are worded differently by LuaJIT.
bool same(const std::string& ours, const std::string& theirs,
          const std::vector<std::string>& words);

}  // namespace holdfast::test
