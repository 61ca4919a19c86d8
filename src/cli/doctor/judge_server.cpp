// From what the server said to what it means.
#include "cli/doctor/judge_server.hpp"

#include "base/duration.hpp"

#include <cstdlib>

namespace holdfast::cli {
namespace {

using grade = finding::grade;

constexpr milliseconds clock_noticed{500};
constexpr seconds clock_too_far{30};

std::string field(const std::map<std::string, std::string>& from, const std::string& name) {
    const auto found = from.find(name);
    return found == from.end() ? "" : found->second;
}

long long number(const std::map<std::string, std::string>& from, const std::string& name) {
    return std::atoll(field(from, name).c_str());
}

finding pushes(const server_survey& seen) {
    if (seen.push_came) return {grade::ok, "pushes", "a message to ourselves came back"};
    return {grade::fail, "pushes",
            "a message to ourselves did not come back; waiters would wake by heartbeat only",
            "connect without the proxy between, or to one that carries pub/sub on RESP3"};
}

finding role(const server_survey& seen) {
    if (!seen.facts.replica) return {grade::ok, "role", "primary"};
    return {grade::fail, "role", "a replica; it refuses writes",
            "name the primary in the store url"};
}

finding eviction(const server_survey& seen) {
    const auto policy = field(seen.info, "maxmemory_policy");
    const auto evicted = number(seen.info, "evicted_keys");
    const std::string advice = "set maxmemory-policy noeviction";
    if (policy == "noeviction") return {grade::ok, "eviction", "noeviction"};
    if (policy.empty())
        return {grade::warn, "eviction", "the server does not tell its policy", advice};
    if (number(seen.info, "maxmemory") == 0)
        return {grade::warn, "eviction",
                policy + ", without effect while maxmemory is 0; an evicted lock is a lost lock",
                advice};
    return {grade::fail, "eviction",
            policy + "; an evicted lock is a lost lock (" + std::to_string(evicted) +
                " keys evicted so far)",
            advice};
}

finding memory(const server_survey& seen) {
    const auto most = number(seen.info, "maxmemory");
    const auto used = number(seen.info, "used_memory");
    if (most == 0) return {grade::ok, "memory", "no limit set"};
    const auto text = std::to_string(used * 100 / most) + " % of maxmemory used";
    if (used * 10 < most * 9) return {grade::ok, "memory", text};
    const std::string advice = "raise maxmemory or move other data away";
    if (used >= most) return {grade::fail, "memory", text + "; locks cannot be taken", advice};
    return {grade::warn, "memory", text + "; at the limit every acquire fails", advice};
}

finding persistence(const server_survey& seen) {
    const auto fsync = field(seen.config, "appendfsync");
    if (field(seen.info, "aof_enabled") != "1")
        return {grade::warn, "persistence",
                "no append-only file; a restart forgets locks, sessions and claims made since the "
                "last snapshot",
                "set appendonly yes"};
    if (field(seen.info, "aof_last_write_status") == "err")
        return {grade::fail, "persistence", "the last write of the append-only file failed",
                "free space on the server's disk"};
    if (fsync == "always") return {grade::ok, "persistence", "append-only file, fsync always"};
    if (fsync == "no")
        return {grade::warn, "persistence", "append-only file that is never synced on purpose",
                "set appendfsync everysec or always"};
    return {grade::ok, "persistence",
            "append-only file; a power cut may lose two seconds, kill -9 loses nothing"};
}

// "ip=…,port=…,state=online,offset=…,lag=0": how many are not in step.
long long late_replicas(const server_survey& seen, long long count) {
    constexpr long long late_s = 10;
    long long late = 0;
    for (long long i = 0; i < count; ++i) {
        const auto line = field(seen.info, "slave" + std::to_string(i));
        const auto lag = line.find(",lag=");
        const bool in_step = line.find(",state=online,") != line.npos && lag != line.npos &&
                             std::atoll(line.c_str() + lag + 5) < late_s;
        if (!in_step) ++late;
    }
    return late;
}

finding replicas(const server_survey& seen) {
    const auto count = number(seen.info, "connected_slaves");
    const auto least = field(seen.config, "min-replicas-to-write");
    if (const auto late = late_replicas(seen, count); late > 0)
        return {grade::warn, "replicas",
                std::to_string(late) + " of " + std::to_string(count) +
                    " not in step; after a failover to one of them locks are forgotten",
                "see INFO replication, and the network and load between them"};
    if (count == 0) return {grade::ok, "replicas", "none; there is nothing to fail over to"};
    const auto text = std::to_string(count) + " connected";
    if (least.empty())
        return {grade::warn, "replicas", text + "; min-replicas-to-write is not told",
                "allow CONFIG GET, or see that it is at least 1"};
    if (least != "0") return {grade::ok, "replicas", text + ", min-replicas-to-write " + least};
    return {grade::warn, "replicas",
            text + ", min-replicas-to-write 0; a primary that was cut off goes on granting locks",
            "set min-replicas-to-write 1 and min-replicas-max-lag 2"};
}

finding clock(const server_survey& seen) {
    const auto off = std::chrono::abs(seen.clock_ahead);
    const auto ms = std::chrono::round<milliseconds>(off);
    const auto text = "the server's is " + format_duration(ms) +
                      (seen.clock_ahead.count() < 0 ? " behind" : " ahead");
    if (off < clock_noticed) return {grade::ok, "clock", text};
    const std::string advice = "keep both clocks with NTP";
    if (off < clock_too_far)
        return {grade::warn, "clock", text + "; tokens and fire times are judged by both", advice};
    return {grade::fail, "clock", text + "; jobs do not fire and fresh tokens look expired",
            advice};
}

}  // namespace

findings judge_server(const server_survey& seen) {
    const auto trip = std::chrono::round<microseconds>(seen.round_trip).count();
    return {{grade::ok, "connection", "round trip " + std::to_string(trip) + " us"},
            {grade::ok, "version", seen.facts.version},
            {grade::ok, "access", "every command, key and channel that is needed"},
            pushes(seen),
            role(seen),
            eviction(seen),
            persistence(seen),
            replicas(seen),
            memory(seen),
            clock(seen)};
}

}  // namespace holdfast::cli
