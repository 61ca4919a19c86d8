// The defects, each one change of a script's text.
#include "sim/mutants.hpp"

#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace holdfast::sim {
namespace {

std::string broken_text(const mutant& defect, std::string_view text) {
    const auto at = text.find(defect.shipped);
    if (at == text.npos || text.find(defect.shipped, at + 1) != text.npos)
        throw std::logic_error("mutant " + std::string(defect.name) + ": " +
                               std::string(defect.script) + " does not hold its text once");
    auto broken = std::string(text);
    return broken.replace(at, defect.shipped.size(), defect.broken);
}

constexpr mutant room_mutants[] = {
    {"release-without-ownership", "lock", "lock/release",
     "if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end", ""},
    {"release-without-hand-over", "lock", "lock/release",
     "if redis.call('EXISTS', KEYS[2]) == 0 then", "if true then"},
    {"extend-without-ownership", "lock", "lock/extend", "if holder == ARGV[1] then",
     "if holder then"},
    {"acquire-over-a-holder", "lock", "lock/acquire",
     "if ARGV[6] == '0' and redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then",
     "if ARGV[6] == '0' and redis.call('EXISTS', KEYS[2]) == 0 then"},
    {"lease-shorter-than-believed", "lock", "lock/extend",
     "redis.call('PEXPIRE', KEYS[1], ARGV[2])", "redis.call('PEXPIRE', KEYS[1], ARGV[2] - 1000)"},
    {"lease-without-end", "lock", "lock/acquire", "redis.call('SET', KEYS[1], id, 'PX', ttl)",
     "redis.call('SET', KEYS[1], id)"},
    {"fence-by-plain-incr", "lock", "lock/acquire",
     "if raise == '1' or fence == 1 or fence <= floor then", "if false then"},
    {"fence-without-time", "lock", "lock/acquire",
     "fence = math.max(fence, floor + 1, tonumber(time[1]) * 1000000 + tonumber(time[2]))",
     "fence = math.max(fence, floor + 1)"},
    {"grant-without-push", "lock", "lock/release",
     "heard = redis.pcall('PUBLISH', channel, message)", "heard = 1"},
    {"release-keeps-the-lock", "lock", "lock/release",
     "== 0 then\n    redis.call('DEL', KEYS[1], KEYS[4])",
     "== 0 then\n    redis.call('DEL', KEYS[4])"},
    {"turn-of-negative-length", "lock", "lock/release",
     "math.max(0, side_kept_ms - redis.call('PTTL', KEYS[4])) * 1000",
     "(side_kept_ms - redis.call('PTTL', KEYS[4])) * 1000"},
    {"claim-what-is-taken", "schedule", "schedule/claim", "if slot <= last and not poisoned then",
     "if false then"},
    {"claim-without-a-lease", "schedule", "schedule/claim",
     "redis.call('ZADD', leases, int(now + lease), token)", ""},
    {"claim-with-the-old-fence", "schedule", "schedule/claim",
     "local fence = (tonumber(f[3]) or 0) + 1", "local fence = tonumber(f[3]) or 1"},
    {"start-without-a-mark", "schedule", "schedule/start", "if started == '0' then",
     "if false then"},
    {"adopt-what-had-begun", "schedule", "schedule/adopt", "(started == 0 or", "(started >= 0 or"},
    {"confirm-by-the-old-token", "token", "token/check",
     "else live = not s[3] or now < tonumber(s[3]) + grace end",
     "else if not s[3] then s[3] = now; redis.call('HSET', KEYS[1], 'cat', number(now)) end; "
     "live = now < tonumber(s[3]) + grace end"},
    {"renewal-without-compare", "token", "token/renew", "if g < gen then", "if false then"},
    {"renewal-after-logout", "token", "token/renew",
     "if s[4] == '1' then return {'revoked', number(now)} end", ""},
    {"logout-not-recorded", "token", "token/revoke", "redis.call('HSET', KEYS[1], 'rev', 1)",
     "redis.call('HSET', KEYS[1], 'rev', 0)"},
    {"logout-not-told-to-replicas", "token", "token/revoke", "local seq = record_session(ARGV[3])",
     "ensure_feed(); local seq = redis.call('HGET', KEYS[3], 'seq')"},
    {"grace-without-end", "token", "token/check",
     "else live = not s[3] or now < tonumber(s[3]) + grace end", "else live = true end"},
    {"logout-all-without-epoch", "token", "token/revoke_user",
     "redis.call('HSET', KEYS[2], 'ue', number(wanted), 'last', ARGV[5])",
     "redis.call('HSET', KEYS[2], 'last', ARGV[5])"},
    {"swap-without-announcement", "same-token", "same_token/rotate",
     "redis.call('HSET', KEYS[3], 'next', fresh, 'due', whole(now + delay))",
     "use(fresh, 'announced')"},
    {"swap-too-early", "same-token", "same_token/rotate",
     "if next_token and (now >= due or due - now > delay) then", "if next_token then"},
    {"swap-forgets-the-past", "same-token", "same_token/rotate",
     "if before and before ~= token then redis.call('SET', KEYS[2], before, 'PX', overlap) end",
     ""},
    {"rotate-at-any-time", "same-token", "same_token/rotate",
     "elseif now - at >= interval and now - swapped >= overlap then", "else"},
};

}  // namespace

const std::vector<mutant>& all_mutants() {
    static const auto defects = [] {
        std::vector<mutant> all(std::begin(room_mutants), std::end(room_mutants));
        all.insert(all.end(), family_mutants().begin(), family_mutants().end());
        return all;
    }();
    return defects;
}

void apply_mutant(std::string_view name, simulation::fleet& to) {
    if (name.empty()) return;
    for (const auto& defect : all_mutants()) {
        if (defect.name != name) continue;
        auto text = std::make_shared<std::string>();
        to.server.instead_of = [&defect, text](const script& asked) {
            if (asked.name != defect.script) return asked;
            if (text->empty()) *text = broken_text(defect, asked.text);
            return script{asked.name, defect.name, *text};  // the name is its own key in the cache
        };
        return;
    }
    throw std::invalid_argument("unknown mutant '" + std::string(name) + "'");
}

}  // namespace holdfast::sim
