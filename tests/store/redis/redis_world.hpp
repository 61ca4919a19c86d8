// A runtime, a Redis store on it and scripts to run: what the tests of the Redis store share.
#pragma once

#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"
#include "support/run.hpp"

#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

/// A script with the SHA-1 that Redis will compute; the text must be a literal.
script make_script(const char* name, const char* text);

class event_log final : public journal {
public:
    void record(const event& happened) override { kinds.push_back(happened.kind); }
    std::vector<event_kind> kinds;
};

struct redis_world : real_world {
    redis_world() = default;
    explicit redis_world(const std::string& url, std::vector<std::string> other_keys = {}) {
        open(url, std::move(other_keys));
    }
    void open(const std::string& url, std::vector<std::string> other_keys = {}) {
        auto options = parse_redis_url(url);
        options->other_keys = std::move(other_keys);
        store = std::make_unique<redis_store>(
            runtime, events, logger(log_level::off, log_format::text), std::move(options).value());
    }
    result<void> start() { return run(store->start()); }
    result<reply> call(const script& what, script_keys keys, script_args args) {
        return run(store->run(what, std::move(keys), std::move(args)));
    }
    event_log events;
    std::unique_ptr<redis_store> store;
};

inline const script echo = make_script("test/echo", "return ARGV");
inline const script count = make_script("test/count", "return redis.call('INCR', KEYS[1])");
/// Remembers in a set that it ran with this id, so that repeating is harmless and a test can ask.
inline const script mark = make_script("test/mark", "return redis.call('SADD', KEYS[1], ARGV[1])");
inline const script publish =
    make_script("test/publish", "return redis.call('PUBLISH', ARGV[1], ARGV[2])");

}  // namespace holdfast::test
