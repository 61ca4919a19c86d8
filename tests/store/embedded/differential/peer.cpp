// The hiredis side of the differential tests.
#include "store/embedded/differential/peer.hpp"

#include "store/embedded/engine_fixture.hpp"
#include "store/embedded/number.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace holdfast::test {
namespace {

using embedded::answer;
using embedded::is_word;

answer convert(const redisReply& from) {
    const std::string_view text(from.str == nullptr ? "" : from.str, from.len);
    switch (from.type) {
        case REDIS_REPLY_INTEGER: return answer::integer(from.integer);
        case REDIS_REPLY_STRING: return answer::bulk(text);
        case REDIS_REPLY_STATUS: return answer::status(text);
        case REDIS_REPLY_ERROR: return answer::error(text);
        case REDIS_REPLY_ARRAY: {
            auto all = answer::array();
            for (std::size_t i = 0; i < from.elements; ++i)
                all.items.push_back(convert(*from.element[i]));
            return all;
        }
        default: return answer::nil();
    }
}

void sort_items(std::vector<answer>& items, std::size_t group) {
    std::vector<std::vector<answer>> groups;
    for (std::size_t i = 0; i + group <= items.size(); i += group)
        groups.emplace_back(items.begin() + static_cast<std::ptrdiff_t>(i),
                            items.begin() + static_cast<std::ptrdiff_t>(i + group));
    std::sort(groups.begin(), groups.end(),
              [](const auto& a, const auto& b) { return to_line(a[0]) < to_line(b[0]); });
    items.clear();
    for (const auto& g : groups) items.insert(items.end(), g.begin(), g.end());
}

}  // namespace

namespace {

answer ask(redisContext* link, const std::vector<std::string>& words) {
    std::vector<const char*> data;
    std::vector<std::size_t> sizes;
    for (const auto& w : words) {
        data.push_back(w.data());
        sizes.push_back(w.size());
    }
    const std::unique_ptr<redisReply, decltype(&freeReplyObject)> got(
        static_cast<redisReply*>(
            redisCommandArgv(link, static_cast<int>(words.size()), data.data(), sizes.data())),
        freeReplyObject);
    if (!got) throw std::runtime_error("redis-server went away");
    return convert(*got);
}

redisContext* connect(const redis_server& to) {
    auto* link = redisConnect("127.0.0.1", to.port());
    if (link == nullptr || link->err != 0) throw std::runtime_error("cannot reach redis-server");
    return link;
}

}  // namespace

redis_peer::redis_peer(std::vector<std::string> server_arguments)
    : server_(std::move(server_arguments)), link_(connect(server_)) {}

redis_peer::~redis_peer() { redisFree(link_); }

answer redis_peer::eval(const std::string& text, const std::vector<std::string>& keys,
                        const std::vector<std::string>& args) {
    std::vector<std::string> words{"EVAL", text, std::to_string(keys.size())};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), args.begin(), args.end());
    return command(words);
}

answer redis_peer::command(const std::vector<std::string>& words) { return ask(link_, words); }

redis_listener::redis_listener(const redis_server& on, const std::vector<std::string>& channels)
    : link_(connect(on)) {
    for (const auto& channel : channels) ask(link_, {"SUBSCRIBE", channel});
}

redis_listener::~redis_listener() { redisFree(link_); }

// The answer to a PING comes behind every message that was published before it.
std::vector<std::string> redis_listener::heard() {
    std::vector<std::string> messages;
    for (auto next = ask(link_, {"PING"}); next.items.at(0).text != "pong";) {
        messages.push_back(next.items.at(1).text + " " + next.items.at(2).text);
        void* got = nullptr;
        if (redisGetReply(link_, &got) != REDIS_OK)
            throw std::runtime_error("redis-server went away");
        next = convert(*static_cast<redisReply*>(got));
        freeReplyObject(got);
    }
    return messages;
}

std::string normal_form(answer from, const std::vector<std::string>& words) {
    if (from.is_error()) from.text = from.text.substr(0, from.text.find(" script: "));
    const std::string name = words.empty() ? "" : words[0];
    for (const auto* unordered : {"keys", "smembers", "hkeys", "hvals"})
        if (is_word(name, unordered)) sort_items(from.items, 1);
    if (is_word(name, "hgetall")) sort_items(from.items, 2);
    if (is_word(name, "scan") && from.items.size() == 2) sort_items(from.items[1].items, 1);
    return to_line(from);
}

bool same(const std::string& ours, const std::string& theirs,
          const std::vector<std::string>& words) {
    if (ours == theirs) return true;
    // A cursor means something only to the side that gave it.
    if (words.size() > 1 && is_word(words[0], "scan") && words[1] != "0") return true;
    const auto number = [](const std::string& text) {
        long long n = 0;
        std::from_chars(text.data(), text.data() + text.size(), n);
        return n;
    };
    // EXPIRE's options came with Redis 7; every version refuses these words somehow.
    if (words.size() > 3 && ours.starts_with("-ERR Wrong number") && theirs.starts_with("-ERR"))
        for (const auto* name : {"expire", "pexpire", "expireat", "pexpireat"})
            if (is_word(words[0], name)) return true;
    if (!words.empty() && (is_word(words[0], "ttl") || is_word(words[0], "pttl")))
        return number(ours) > 0 && number(theirs) > 0 &&
               std::abs(number(ours) - number(theirs)) < 30'000;
    // Raised by Lua, or by our wording of a limit: the code must agree.
    const bool from_lua = ours.find("user_script:") != ours.npos;
    return from_lua && ours.substr(0, 4) == "-ERR" && theirs.substr(0, 4) == "-ERR";
}

}  // namespace holdfast::test
