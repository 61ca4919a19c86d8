// Lines and JSON for jobs.
#include "cli/job_print.hpp"

#include "base/duration.hpp"
#include "base/write_json.hpp"
#include "schedule/definition.hpp"

#include <algorithm>

namespace holdfast::cli {

using schedule::definition_value;
using schedule::job_status;
using schedule::ledger_entry;
using schedule::utc_text;

std::string json_time(wall_time t) { return t == wall_time{} ? "null" : json_quote(utc_text(t)); }

namespace {

std::string state_of(const job_status& s) {
    if (!s.paused_by.empty()) return "paused by " + s.paused_by;
    for (const auto& run : s.open)
        if (run.lease_end > s.store_now) return "running on " + run.node;
    return "waiting";
}

std::string lateness(const ledger_entry& e) {
    const auto late = std::chrono::floor<milliseconds>(e.claimed_at - e.fire_time);
    return format_duration(std::max(late, milliseconds{0}));
}

std::string numbers_json(const std::vector<wall_time>& times) {
    std::vector<std::string> items;
    for (const auto t : times) items.push_back(json_time(t));
    return json_array(items);
}

}  // namespace

std::string status_line(const std::string& name, const job_status& s) {
    return name + "  " + std::string(definition_value(s.definition, "schedule")) + "  " +
           std::string(definition_value(s.definition, "zone")) + "  last " + utc_text(s.last) +
           "  " + state_of(s);
}

std::string status_text(const std::string& name, const job_status& s) {
    std::string out = "job: " + name + "\n" + s.definition;
    out += "state: " + state_of(s) + "\n";
    out += "registered: by " + s.registered_by + " at " + utc_text(s.registered_at) + "\n";
    out += "last: " + utc_text(s.last) + (s.last_winner.empty() ? "" : " by " + s.last_winner);
    for (const auto& run : s.open)
        out += "\nrun: " + utc_text(run.fire_time) + " attempt " + std::to_string(run.attempt) +
               " on " + run.node + ", fence " + std::to_string(run.fence) +
               (run.lease_end > s.store_now ? "" : ", its lease has ended");
    if (s.manual_waiting > 0) out += "\nmanual runs waiting: " + std::to_string(s.manual_waiting);
    return out;
}

std::string status_json(const std::string& name, const job_status& s) {
    json_members definition;
    for (std::string_view rest = s.definition; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        const auto colon = line.find(": ");
        if (colon != std::string_view::npos)
            definition.emplace_back(line.substr(0, colon), json_quote(line.substr(colon + 2)));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    std::vector<std::string> runs;
    for (const auto& run : s.open)
        runs.push_back(json_object({{"fire_time", json_time(run.fire_time)},
                                    {"node", json_quote(run.node)},
                                    {"fence", std::to_string(run.fence)},
                                    {"attempt", std::to_string(run.attempt)},
                                    {"manual", run.manual ? "true" : "false"},
                                    {"started_at", json_time(run.started_at)},
                                    {"lease_end", json_time(run.lease_end)}}));
    return json_object({{"job", json_quote(name)},
                        {"state", json_quote(state_of(s))},
                        {"definition", json_object(definition)},
                        {"generation", std::to_string(s.generation)},
                        {"registered_by", json_quote(s.registered_by)},
                        {"registered_at", json_time(s.registered_at)},
                        {"paused_by", s.paused_by.empty() ? "null" : json_quote(s.paused_by)},
                        {"last", json_time(s.last)},
                        {"last_winner", json_quote(s.last_winner)},
                        {"runs", json_array(runs)},
                        {"manual_waiting", std::to_string(s.manual_waiting)}});
}

std::string entry_line(const ledger_entry& e) {
    if (e.what == ledger_entry::kind::healed)
        return utc_text(e.fire_time) + "  healed: the last fire time was in the future (" +
               utc_text(e.oldest) + "), found by " + e.node;
    if (e.what == ledger_entry::kind::missed && e.count == 0)
        return utc_text(e.fire_time) + "  not run: " + e.reason + " by " + e.node + ", since " +
               utc_text(e.oldest);
    if (e.what == ledger_entry::kind::missed)
        return utc_text(e.fire_time) + "  not run: " + e.reason + ", " + std::to_string(e.count) +
               (e.count == 1 ? " fire time" : " fire times since " + utc_text(e.oldest)) +
               ", settled by " + e.node;
    std::string out = utc_text(e.fire_time) + "  " + e.outcome + "  on " + e.node + "  attempt " +
                      std::to_string(e.attempt) + "  fence " + std::to_string(e.fence);
    out += e.manual ? "  asked for as " + e.request : "  late " + lateness(e);
    out += "  took " + format_duration(e.duration);
    if (!e.exit_code.empty()) out += "  exit " + e.exit_code;
    if (!e.detail.empty()) out += "  (" + e.detail + ")";
    return out;
}

std::string entry_json(const ledger_entry& e, const schedule::job_history& history) {
    json_members members{{"fire_time", json_time(e.fire_time)}};
    if (e.what != ledger_entry::kind::run) {
        const bool missed = e.what == ledger_entry::kind::missed;
        members.emplace_back("kind", missed ? "\"missed\"" : "\"healed\"");
        members.emplace_back("oldest", json_time(e.oldest));
        members.emplace_back("count", e.count == 0 ? "null" : std::to_string(e.count));
        members.emplace_back("reason", json_quote(e.reason));
        members.emplace_back("node", json_quote(e.node));
        return json_object(members);
    }
    const auto late = std::chrono::floor<milliseconds>(e.claimed_at - e.fire_time).count();
    members.insert(members.end(), {{"kind", e.manual ? "\"manual\"" : "\"run\""},
                                   {"run", e.manual ? json_quote(e.request) : "null"},
                                   {"outcome", json_quote(e.outcome)},
                                   {"node", json_quote(e.node)},
                                   {"fence", std::to_string(e.fence)},
                                   {"attempt", std::to_string(e.attempt)},
                                   {"claimed_at", json_time(e.claimed_at)},
                                   {"started_at", json_time(e.started_at)},
                                   {"lateness_ms", std::to_string(late)},
                                   {"duration_ms", std::to_string(e.duration.count())},
                                   {"exit_code", e.exit_code.empty() ? "null" : e.exit_code},
                                   {"detail", json_quote(e.detail)}});
    if (const auto found = history.outputs.find(e.token); found != history.outputs.end())
        members.emplace_back("output", json_quote(found->second));
    return json_object(members);
}

std::string audit_text(const std::string& name, const schedule::audit_report& r) {
    std::string out = name + " from " + utc_text(r.from) + " to " + utc_text(r.to) + ": " +
                      std::to_string(r.due) + " due, " + std::to_string(r.once) + " once, " +
                      std::to_string(r.twice) + " twice, " + std::to_string(r.lost) + " lost, " +
                      std::to_string(r.missed) + " not run by policy, " +
                      std::to_string(r.running) + " going on, " + std::to_string(r.late) + " late";
    for (const auto t : r.twice_times) out += "\ntwice " + utc_text(t);
    for (const auto t : r.lost_times) out += "\nlost " + utc_text(t);
    return out;
}

std::string audit_json(const std::string& name, const schedule::audit_report& r) {
    return json_object({{"job", json_quote(name)},
                        {"from", json_time(r.from)},
                        {"to", json_time(r.to)},
                        {"due", std::to_string(r.due)},
                        {"once", std::to_string(r.once)},
                        {"twice", std::to_string(r.twice)},
                        {"lost", std::to_string(r.lost)},
                        {"missed", std::to_string(r.missed)},
                        {"running", std::to_string(r.running)},
                        {"late", std::to_string(r.late)},
                        {"twice_times", numbers_json(r.twice_times)},
                        {"lost_times", numbers_json(r.lost_times)}});
}

}  // namespace holdfast::cli
