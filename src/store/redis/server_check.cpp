// Versions, access lists, and the sentence for each thing that is not as it must be.
#include "store/redis/server_check.hpp"

#include "store/redis/error_reply.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast {
namespace {

std::string user_of(const redis_options& options) {
    return options.user.empty() ? "default" : options.user;
}

bool contains(std::string_view line, std::string_view words) {
    return line.find(words) != line.npos;
}

link_problem wrong_credentials(std::string_view line, const redis_options& options) {
    const bool none_given = options.password.empty();
    return {errc::permission_denied,
            "Redis at " + options.address() + " refuses user '" + user_of(options) + "'; " +
                std::string(line) + "; " +
                (none_given ? "put user:password@ or :password@ before the host in the store url"
                            : "correct user and password in the store url")};
}

link_problem too_old(std::string_view version, const redis_options& options) {
    return {errc::unsupported_server, "Redis at " + options.address() + " is version " +
                                          std::string(version) +
                                          "; Holdfast needs 6.2 or newer; upgrade the server"};
}

link_problem wrong_mode(std::string_view mode, const redis_options& options) {
    const bool cluster = mode == "cluster";
    return {errc::unsupported_server,
            "Redis at " + options.address() +
                (cluster ? " is a node of a cluster" : " is a Sentinel") +
                (cluster ? "; locks and sessions would spread over nodes; use a single server"
                         : "; it keeps no data; name the primary that it watches")};
}

link_problem refused_hello(std::string_view line, const redis_options& options) {
    const auto means = classify_error(line);
    if (means == errc::permission_denied) return wrong_credentials(line, options);
    if (means == errc::unsupported_server || contains(line, "unknown command"))
        return too_old("5 or older (it has no HELLO 3)", options);
    const bool known = means != errc::script_error;
    return {known ? means : errc::store_unavailable, "Redis at " + options.address() +
                                                         " does not greet; " + std::string(line) +
                                                         "; wait or look at the server's log"};
}

}  // namespace

bool is_supported_version(std::string_view version) noexcept {
    unsigned parts[2] = {0, 0};
    const char* at = version.data();
    const char* end = at + version.size();
    for (auto& part : parts) {
        at = std::from_chars(at, end, part).ptr;
        if (at == end || *at != '.') break;
        ++at;
    }
    return parts[0] > 6 || (parts[0] == 6 && parts[1] >= 2);
}

std::optional<link_problem> read_hello(const resp3_message& answer, const redis_options& options,
                                       server_facts& facts) {
    if (answer.what == resp3_message::kind::error) return refused_hello(answer.error, options);
    const auto& items = answer.value.items();
    std::string_view mode;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        if (items[i].as_text() == "version") facts.version = items[i + 1].as_text();
        if (items[i].as_text() == "mode") mode = items[i + 1].as_text();
        if (items[i].as_text() == "role") facts.replica = items[i + 1].as_text() != "master";
    }
    if (!is_supported_version(facts.version)) return too_old(facts.version, options);
    if (mode == "cluster" || mode == "sentinel") return wrong_mode(mode, options);
    return std::nullopt;
}

// SET first, with an end of its own: later commands of other types then find a string and write
// nothing, and if DEL is forbidden the key goes by itself.
const std::vector<tried_command>& commands_of_scripts() {
    static const std::vector<tried_command> all{
        {"SET", {"1", "PX", "1000"}},
        {"GET"},
        {"INCR"},
        {"INFO", {"server"}},
        {"INCRBY", {"1"}},
        {"EXISTS"},
        {"PTTL"},
        {"PEXPIRE", {"1000"}},
        {"HSET", {"f", "1"}},
        {"HINCRBY", {"f", "1"}},
        {"HGET", {"f"}},
        {"HMGET", {"f"}},
        {"HGETALL"},
        {"HEXISTS", {"f"}},
        {"HDEL", {"f"}},
        {"ZADD", {"1", "m"}},
        {"ZCARD"},
        {"ZCOUNT", {"0", "0"}},
        {"ZRANGE", {"0", "0"}},
        {"ZRANGEBYSCORE", {"0", "0"}},
        {"ZREVRANGEBYSCORE", {"0", "0"}},
        {"ZRANK", {"m"}},
        {"ZSCORE", {"m"}},
        {"ZPOPMIN"},
        {"ZREM", {"m"}},
        {"ZREMRANGEBYRANK", {"0", "0"}},
        {"ZREMRANGEBYSCORE", {"0", "0"}},
        {"LPUSH", {"1"}},
        {"RPUSH", {"1"}},
        {"LINDEX", {"0"}},
        {"LLEN"},
        {"LRANGE", {"0", "0"}},
        {"LTRIM", {"0", "0"}},
        {"SADD", {"m"}},
        {"SMEMBERS"},
        {"PEXPIREAT", {"1"}},
        {"DEL"},
    };
    return all;
}

namespace {

// The pattern that allows one key; `?` for what the line could not carry.
std::string pattern_of(std::string_view key) {
    std::string pattern = "~";
    for (const char c : key) {
        if (std::string_view("*?[]\\^").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c <= ' ' || c == '"' || c == '\'' || c == 0x7f ? '?' : c;
    }
    return pattern;
}

}  // namespace

void missing_rules::note(about what, std::string_view name, std::string_view line) {
    const bool forbidden = !line.empty() && classify_error(line) == errc::permission_denied;
    if (what == about::other_key) {
        if (forbidden) other_keys_.push_back(pattern_of(name));
        return;
    }
    auto& names = what == about::channel ? channels_ : keys_;
    if (!forbidden) {
        if (what != about::command && names == access::untold) names = access::granted;
    } else if (what == about::channel && contains(line, "channel")) {
        names = access::refused;
    } else if (what == about::key && contains(line, " key")) {
        names = access::refused;
    } else {
        std::string rule = "+";
        for (const char c : name) rule += static_cast<char>(c | 0x20);  // lower case
        if (std::find(commands_.begin(), commands_.end(), rule) == commands_.end())
            commands_.push_back(std::move(rule));
    }
}

bool missing_rules::empty() const noexcept {
    return commands_.empty() && other_keys_.empty() && keys_ != access::refused &&
           channels_ != access::refused;
}

link_problem missing_rules::problem(const redis_options& options) const {
    std::string line = "ACL SETUSER " + user_of(options);
    for (const auto& rule : commands_) line += " " + rule;
    // Redis refuses a pattern beside "all of them". Who may run no command that names a key has no
    // use for patterns either, so there they may be reset.
    if (keys_ == access::untold) line += " resetkeys";
    if (keys_ != access::granted) line += " ~" + options.prefix + "*";
    // Who may not run the script says nothing of its key: then the key is allowed too.
    for (const auto& pattern : other_keys_) line += " " + pattern;
    if (channels_ == access::untold) line += " resetchannels";
    if (channels_ != access::granted) line += " &" + options.prefix + "*";
    const std::string names =
        keys_ == access::granted ? "" : ", and ~PATTERN for the names of your locks";
    return {errc::permission_denied,
            "Redis at " + options.address() + " does not let user '" + user_of(options) +
                "' do what Holdfast needs; its access list lacks rules; add them" + names + ": " +
                line};
}

}  // namespace holdfast
