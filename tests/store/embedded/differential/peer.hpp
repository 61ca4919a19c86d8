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
    redis_peer();
    ~redis_peer();
    redis_peer(const redis_peer&) = delete;

    /// EVAL of the text, without keys. Throws when the server goes away.
    embedded::answer eval(const std::string& text, const std::vector<std::string>& args);

private:
    redis_server server_;
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
