// Reads the heads, and puts the clock's shim before the texts.
#include "store/embedded/differential/shipped_scripts.hpp"

#include "lock_scripts.hpp"
#include "same_token_scripts.hpp"
#include "schedule_scripts.hpp"
#include "token_scripts.hpp"

#include <cctype>
#include <stdexcept>

namespace holdfast::test {
namespace {

// `redis` as the script sees it. The two sides are asked at different instants, so lives below
// twenty seconds become longer by that much, and what is left of a life is told in coarse steps.
constexpr std::string_view shim = R"(
local real = redis
local shortest_life = 20000
local function longer(life)
    local ms = tonumber(life)
    if not ms or ms <= 0 or ms >= shortest_life then return life end
    return string.format('%.0f', ms + shortest_life)
end
local function altered(...)
    local words, count = {...}, select('#', ...)
    if words[1] == 'PEXPIRE' then words[3] = longer(words[3]) end
    if words[1] == 'PEXPIREAT' and tonumber(words[3]) then
        local at, time = tonumber(words[3]), clock()
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        if at > now and at < now + shortest_life then
            words[3] = string.format('%.0f', at + shortest_life)
        end
    end
    if words[1] == 'SET' then
        for i = 4, count - 1 do
            if words[i] == 'PX' then words[i + 1] = longer(words[i + 1]) end
        end
    end
    return unpack(words, 1, count)
end
local function in_steps(life)
    if type(life) ~= 'number' or life < 0 then return life end
    return math.max(math.min(math.floor(life / 29000), 4000) * 29000, shortest_life)
end
local redis = {error_reply = real.error_reply, status_reply = real.status_reply,
               sha1hex = real.sha1hex, log = real.log, LOG_WARNING = real.LOG_WARNING}
function redis.call(name, ...)
    if name == 'TIME' then return clock() end
    if name == 'PTTL' then return in_steps(real.call(name, ...)) end
    return real.call(altered(name, ...))
end
function redis.pcall(name, ...)
    if name == 'TIME' then return clock() end
    if name == 'PTTL' then return in_steps(real.pcall(name, ...)) end
    return real.pcall(altered(name, ...))
end
)";

constexpr std::string_view given_clock = R"(
local server = redis
local function clock()
    local us = server.call('GET', 'zz-clock')
    return {string.sub(us, 1, -7), string.format('%d', tonumber(string.sub(us, -6)))}
end)";

constexpr std::string_view own_clock = R"(
local server = redis
local function clock() return server.call('TIME') end)";

// Where an item's number stands: "2 queue", "KEYS[2] queue"; not within a word or another number.
std::size_t find_number(std::string_view text, std::size_t number, std::size_t from) {
    const auto digits = std::to_string(number);
    for (auto at = text.find(digits, from); at != text.npos; at = text.find(digits, at + 1)) {
        const char before = at == 0 ? ' ' : text[at - 1];
        const auto end = at + digits.size();
        const char after = end < text.size() ? text[end] : ' ';
        if ((before == ' ' || before == '[' || before == '\n') && (after == ' ' || after == ']'))
            return at;
    }
    return text.npos;
}

template <class Scripts>
void add_all(std::vector<shipped_script>& to, const Scripts& room) {
    for (const auto& each : room) {
        // Says how long the server's process has run: that differs, and is what it is for.
        if (each.name == "lock/quorum_node") continue;
        to.push_back({each, items_of_head(each.text, "KEYS"), items_of_head(each.text, "ARGV"),
                      std::string(given_clock) + std::string(shim) + std::string(each.text),
                      std::string(own_clock) + std::string(shim) + std::string(each.text)});
    }
}

}  // namespace

std::vector<std::string> items_of_head(std::string_view text, std::string_view section) {
    const auto begin = text.find("-- " + std::string(section));
    if (begin == text.npos) return {};
    const auto next = section == "KEYS" ? text.find("-- ARGV", begin) : text.npos;
    const auto end = std::min(next, text.find("-- Reply", begin));
    const auto body = text.substr(begin, end - begin);
    std::vector<std::string> items;
    auto at = find_number(body, 1, 0);
    while (at != body.npos) {
        const auto following = find_number(body, items.size() + 2, at + 1);
        auto item = body.substr(at, following - at);
        while (!item.empty() && std::isalpha(static_cast<unsigned char>(item.front())) == 0)
            item.remove_prefix(1);
        items.emplace_back(item);
        at = following;
    }
    return items;
}

const std::vector<shipped_script>& shipped_scripts() {
    static const auto all = [] {
        std::vector<shipped_script> found;
        add_all(found, scripts::lock::all);
        add_all(found, scripts::schedule::all);
        add_all(found, scripts::token::all);
        add_all(found, scripts::same_token::all);
        return found;
    }();
    return all;
}

const shipped_script& shipped_script_named(std::string_view name) {
    for (const auto& each : shipped_scripts())
        if (each.what.name == name) return each;
    throw std::out_of_range("no script " + std::string(name));
}

}  // namespace holdfast::test
