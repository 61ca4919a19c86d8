// The defects: changes of a script's text, and branches of the C++ code.
#include "sim/mutants.hpp"

#include "base/mutant.hpp"

#include <map>
#include <memory>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace holdfast::sim {
namespace {

#ifdef HOLDFAST_MUTANTS
constexpr defect in_the_code[] = {
    {"lease-starts-at-the-reply", "lock"},
    {"push-believed-unclaimed", "lock"},
    {"loss-not-told", "lock"},
    {.name = "lease-comes-back-to-life", .workload = "lock", .faults = "pause,slow"},
    {"rota-skips-a-lease", "lock"},
    {"fence-floor-forgotten", "lock"},
    {"counter-not-raised-in-a-new-epoch", "lock"},
    {"cool-down-forgotten", "options"},
    {"patience-not-told", "options"},
    {"asked-before-it-is-kept", "options"},
    {"work-begins-without-a-mark", "schedule"},
    {"fire-time-by-the-local-clock", "schedule"},
    {"catch-up-ignores-the-claim", "schedule"},
    {"replica-not-consulted", "token"},
    {.name = "stale-replica-trusted", .workload = "token", .faults = "cut,lost-reply"},
    {.name = "predecessor-never-dies-here", .workload = "token", .faults = "drop"},
};
#endif

constexpr defect in_scripts_of_locks[] = {
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
    {"break-without-a-fence", "lock", "lock/force_break",
     "local fence = next_fence(KEYS[3], tonumber(ARGV[2]), '1')",
     "local fence = tonumber(redis.call('GET', KEYS[3]) or 0)"},
    {"break-that-leaves-the-holder", "lock", "lock/force_break",
     "if outcome == 'none' then redis.call('DEL', KEYS[1], KEYS[4]) end", ""},
};

constexpr defect in_scripts_of_schedules[] = {
    {"claim-what-is-taken", "schedule", "schedule/claim", "if slot <= last and not poisoned then",
     "if false then"},
    {"claim-without-a-lease", "schedule", "schedule/claim",
     "redis.call('ZADD', leases, int(now + lease), token)", ""},
    {"claim-with-the-old-fence", "schedule", "schedule/claim",
     "local fence = (tonumber(f[3]) or 0) + 1", "local fence = tonumber(f[3]) or 1"},
    {"missed-without-a-record", "schedule", "schedule/claim",
     "keep({'missed', ARGV[12], ARGV[13], ARGV[14], ARGV[15], node, int(now)}, ARGV[12])", ""},
    {"start-without-a-mark", "schedule", "schedule/start", "if started == '0' then",
     "if false then"},
    {"claim-by-an-old-definition", "schedule", "schedule/claim",
     "if gen > tonumber(ARGV[8]) then return {'STALE', gen, last, who, now} end", ""},
    {"claim-without-a-register", "schedule", "schedule/claim",
     "if gen == 0 or gen < tonumber(ARGV[8])", "if gen < tonumber(ARGV[8])",
     "wipe,rollback,clock-step,skew"},
    {"generations-are-counted", "schedule", "schedule/enrol",
     "gen = back and own or math.max(gen + 1, seen + 1, t[1] * 1000000 + t[2])",
     "gen = math.max(gen, seen) + 1"},
    {"put-back-with-another-anchor", "schedule", "schedule/enrol",
     "if back then anchor = tonumber(ARGV[10]) end", ""},
    {"who-comes-last-gives-way", "schedule", "schedule/enrol",
     "local superseded = seen > own or (own > 0 and gen > own)",
     "local superseded = seen > own or gen > own"},
    {"asked-for-twice", "schedule", "schedule/take",
     "redis.call('ZADD', KEYS[4], int(-now), asked[1])", "redis.call('ZREM', KEYS[4], asked[1])",
     "lost-reply,slow,drop"},
    {"claim-while-paused", "schedule", "schedule/claim",
     "if f[4] then return {'PAUSED', 0, last, f[4], now} end", ""},
    {"pause-without-a-record", "schedule", "schedule/pause", "if last > before then",
     "if false then"},
    {"adopt-what-had-begun", "schedule", "schedule/adopt", "(started == 0 or", "(started >= 0 or"},
};

constexpr defect in_scripts_of_tokens[] = {
    {"confirm-by-the-old-token", "token", "token/check",
     "else live = not s[3] or now < tonumber(s[3]) + grace end",
     "else if not s[3] then s[3] = now; redis.call('HSET', KEYS[1], 'cat', number(now)) end; "
     "live = now < tonumber(s[3]) + grace end"},
    {"renewal-without-compare", "token", "token/renew", "if g < gen then", "if false then",
     "duplicate"},
    {"renewal-after-logout", "token", "token/renew",
     "if s[4] == '1' then return {'revoked', number(now)} end", ""},
    {"logout-not-recorded", "token", "token/revoke", "redis.call('HSET', KEYS[1], 'rev', 1)",
     "redis.call('HSET', KEYS[1], 'rev', 0)"},
    {"logout-not-told-to-replicas", "token", "token/revoke",
     "local seq = record_session(ARGV[3], KEYS[1])",
     "ensure_feed(); local seq = redis.call('HGET', KEYS[3], 'seq')", "cut"},
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

std::string broken_text(const defect& one, std::string_view text) {
    const auto at = text.find(one.shipped);
    if (at == text.npos || text.find(one.shipped, at + 1) != text.npos)
        throw std::logic_error("mutant " + std::string(one.name) + ": " + std::string(one.script) +
                               " does not hold its text once");
    auto broken = std::string(text);
    return broken.replace(at, one.shipped.size(), one.broken);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const defect& one) { return out << one.name; }

const std::vector<defect>& all_mutants() {
    static const std::vector<defect> all = [] {
        std::vector<defect> known;
        const auto add = [&](std::span<const defect> more) {
            known.insert(known.end(), more.begin(), more.end());
        };
        add(in_scripts_of_locks);
        add(in_scripts_of_schedules);
        add(in_scripts_of_tokens);
        add(family_mutants());
#ifdef HOLDFAST_MUTANTS
        add(in_the_code);
#endif
        return known;
    }();
    return all;
}

applied_mutant::applied_mutant(std::string_view name, simulation::fleet& to) {
    if (name.empty()) return;
    for (const auto& one : all_mutants()) {
        if (one.name != name) continue;
#ifdef HOLDFAST_MUTANTS
        choose_mutant(one.name);
#endif
        if (one.script.empty()) return;
        auto text = std::make_shared<std::string>();
        to.server.instead_of = [&one, text](const script& asked) {
            if (asked.name != one.script) return asked;
            if (text->empty()) *text = broken_text(one, asked.text);
            return script{asked.name, one.name, *text};  // the name is its own key in the cache
        };
        return;
    }
    throw std::invalid_argument("unknown mutant '" + std::string(name) + "'");
}

applied_mutant::~applied_mutant() {
#ifdef HOLDFAST_MUTANTS
    choose_mutant("");
#endif
}

}  // namespace holdfast::sim
