// What words in the head of a script mean for a value.
#include "store/embedded/differential/script_calls.hpp"

#include "store/embedded/differential/shipped_scripts.hpp"

#include <array>

namespace holdfast::test {
namespace {

using list = std::vector<std::string_view>;
using embedded::answer;

constexpr std::size_t most_learnt = 40;

// The first of these words that a description holds decides. Values: %o owner id, %m member, %a
// actor, %t ticket or instant in µs, %f fire time in ms, %n now in ms, %s now in s.
struct meaning {
    std::string_view word;
    list values;
};
const meaning meanings[] = {
    {"owner id", {"%o"}},
    {"holder to throw", {"%o"}},
    {"who|channel", {"w/%a|hf:ch:1", "w/%a|hf:nobody"}},
    {"former", {"", "", "node%a\tx"}},
    {"member of this", {"node%a\tx", "node%a\ty"}},
    {"member", {"%m", "%m", ""}},
    {"channel", {"hf:fleet", "hf:ch:1"}},
    {"ticket", {"", "", "%t"}},
    {"fence", {"0", "0", "1", "7", "%t"}},
    {"\"1\"", {"0", "1"}},
    {"'1'", {"", "1"}},
    {"on_crash", {"abandon", "rerun"}},
    {"overlap:", {"forbid", "allow", "replace"}},
    {"overlap ms", {"30000", "60000"}},
    {"overlap", {"forbid", "allow", "replace"}},
    {"outcome", {"ok", "failed", "crashed"}},
    {"retire", {"confirm", "mint"}},
    {"recreate", {"recreate", "deny"}},
    {"guard user sid", {"api u%a s%a", "api u1 s%a"}},
    {"guard user", {"api u%a"}},
    {"claims", {"", "\"role\":\"x\""}},
    {"schedule", {"* * * * *", "@hourly"}},
    {"definition", {"short", "long enough to leave the compact form of a hash that Redis keeps"}},
    {"version", {"0", "1", "2"}},
    {"highest fire", {"0", "%f"}},
    {"fire time", {"%f", "%f", "0"}},
    {"oldest", {"%f", "0"}},
    {"newest", {"%f", "%n"}},
    {"floor", {"0", "%f"}},
    {"clock", {"%n", "%n", "%n", "0"}},
    {"skew", {"60000", "1000000000"}},
    {"generation", {"1", "1", "0", "2"}},
    {"epoch", {"0", "0", "1"}},
    {"born", {"0", "%t"}},
    {"session id", {"s%a"}},
    {"partition", {"0", "1"}},
    {"how many keys", {"1000"}},
    {"how many", {"10"}},
    {"cursor", {"0"}},
    {"pattern", {"{*", "{lock*", "nothing"}},
    {"deadline", {"0", "60000"}},
    {"stale", {"0", "2000"}},
    {"iat s", {"%s"}},
    {"exp s", {"%s"}},
    {"auth time", {"%s"}},
    {"in s", {"60", "3600", "0"}},
    {" ms", {"30000", "60000", "3600000"}},
    {"(ms)", {"30000", "60000", "3600000"}},
    {"cost", {"0", "1"}},
    {"keep", {"1", "2", "100"}},
    {"most", {"1", "5", "100"}},
    {"count", {"1", "2"}},
    {"attempts", {"1", "3"}},
    {"number", {"0", "1"}},
    {"exit code", {"", "0", "1"}},
    {"node", {"node%a"}},
    {"job", {"j1"}},
    {"name", {"j1", ""}},
    {"token", {"tok%a", "tok%a", ""}},
    {"id", {"id%a"}},
};

std::string owner(std::size_t actor) { return std::string(31, 'a') + std::to_string(actor); }

std::string filled(std::string_view form, std::size_t actor, wall_time now, std::size_t step) {
    const auto us = now.time_since_epoch().count();
    std::string out;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] != '%') {
            out += form[i];
            continue;
        }
        switch (form[++i]) {
            case 'o': out += owner(actor); break;
            case 'm': out += owner(actor) + "|30000|w/" + std::to_string(actor) + "|hf:ch:1"; break;
            case 'a': out += std::to_string(actor); break;
            case 't': out += std::to_string(us - static_cast<std::int64_t>(step)); break;
            case 'f':
                out += std::to_string(us / 60'000'000 * 60'000 -
                                      static_cast<std::int64_t>(step) * 60'000 + 60'000);
                break;
            case 'n': out += std::to_string(us / 1000 - 3 + static_cast<std::int64_t>(step)); break;
            default: out += std::to_string(us / 1'000'000 - static_cast<std::int64_t>(step) + 2);
        }
    }
    return out;
}

}  // namespace

std::string script_calls::hostile() {
    static constexpr std::string_view all[] = {"",     "x",
                                               "-1",   "0",
                                               "1e8",  "99999999999999999999",
                                               "nan",  "inf",
                                               "-inf", "a|b|c",
                                               "0x10", " 30000",
                                               "1.5",  "%s%d",
                                               "|||",  "9223372036854775807"};
    if (random_.one_in(10)) return std::string("\0\r\n\xff", 4);
    if (random_.one_in(20)) return std::string(1000, 'y');
    return std::string(random_.pick(all));
}

std::string script_calls::plausible(const std::string& about, wall_time now) {
    const auto actor = random_.one_in(6) ? random_.below(3) : actor_;
    for (const auto& each : meanings)
        if (about.find(each.word) != about.npos)
            return filled(random_.pick(each.values), actor, now, random_.below(6));
    static constexpr std::string_view others[] = {"", "a", "b", "1", "two words"};
    return std::string(random_.pick(others));
}

std::string script_calls::argument(const std::string& about, wall_time now) {
    if (random_.one_in(25)) return hostile();
    if (!learnt_.empty() && random_.one_in(6)) return learnt_[random_.below(learnt_.size())];
    return plausible(about, now);
}

// The same words name the same key in all scripts of a room.
std::string script_calls::key(std::string_view room, const std::string& about) {
    auto words = about.substr(0, about.find_first_of("(,:\n<"));
    for (const auto* kind : {" hash", " zset", " set ", " list", " string", "  "})
        words = words.substr(0, words.find(kind));
    while (!words.empty() && words.back() == ' ') words.pop_back();
    auto made = "{" + std::string(room) + std::to_string(actor_ % 2) + "}" + words;
    keys_.push_back(made);
    if (keys_.size() > most_learnt) keys_.pop_front();
    return made;
}

// Something else than the rooms writes into their keys, or a life ends.
diff_step script_calls::disturbance() {
    static constexpr std::string_view commands[] = {
        "DEL %k",      "SET %k x",         "SET %k 1",    "LPUSH %k a",
        "HSET %k f v", "ZADD %k 1 m",      "SADD %k m",   "PEXPIREAT %k 1",
        "PERSIST %k",  "PEXPIRE %k 90000", "APPEND %k z", "ZADD %k 5 a|b|c|d"};
    auto step = parse_step(std::string(random_.pick(commands)));
    step.words[1] = keys_[random_.below(keys_.size())];
    return step;
}

diff_step script_calls::next(wall_time now) {
    if (!keys_.empty() && random_.one_in(12)) return disturbance();
    actor_ = random_.below(3);
    const auto& all = shipped_scripts();
    const auto& script = all[random_.below(all.size())];
    const auto room = script.what.name.substr(0, script.what.name.find('/'));
    diff_step step;
    step.shipped = script.what.name;
    for (const auto& about : script.keys) step.keys.push_back(key(room, about));
    for (const auto& about : script.args) step.words.push_back(argument(about, now));
    if (random_.one_in(60) && !step.words.empty()) step.words.pop_back();
    return step;
}

void script_calls::learn(const answer& from) {
    for (const auto& item : from.items) learn(item);
    if (from.type == answer::kind::integer) learnt_.push_back(std::to_string(from.number));
    if (from.type == answer::kind::bulk && from.text.size() < 200) learnt_.push_back(from.text);
    // Small numbers are no life of a key that both sides can be asked about in time.
    if (!learnt_.empty() && learnt_.back().size() > 2 && learnt_.back().size() < 9)
        learnt_.pop_back();
    if (learnt_.size() > most_learnt) learnt_.pop_front();
}

}  // namespace holdfast::test
