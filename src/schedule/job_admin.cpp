// Questions about jobs, and the audit over their answers.
#include "schedule/job_admin.hpp"

#include "schedule/job_store.hpp"
#include "schedule_scripts.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::schedule {
namespace {

namespace lua = holdfast::scripts::schedule;

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
        const auto tab = line.find('\t');
        fields.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos) return fields;
        line.remove_prefix(tab + 1);
    }
}

std::int64_t number(std::string_view text) {
    std::int64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

wall_time instant(std::string_view text) { return from_unix_ms(number(text)); }

// "schedule", "manual <id of the request>", or "manual" as older versions wrote it.
constexpr std::string_view manual_kind = "manual";
bool is_manual(std::string_view kind) { return kind.starts_with(manual_kind); }
std::string request_of(std::string_view kind) {
    return std::string(kind.substr(std::min(kind.size(), manual_kind.size() + 1)));
}

open_run parse_open(const reply& token, const reply& lease_end, const reply& packed) {
    open_run run;
    run.token = token.as_text();
    run.lease_end = instant(lease_end.as_text());
    const auto f = split(packed.as_text());
    if (f.size() < 9) return run;
    run.fire_time = instant(f[0]);
    run.fence = static_cast<std::uint64_t>(number(f[1]));
    run.attempt = static_cast<unsigned>(number(f[2]));
    run.manual = is_manual(f[3]);
    run.node = f[4];
    run.claimed_at = instant(f[5]);
    run.started_at = instant(f[6]);
    return run;
}

task<result<void>> simple(store& s, const script& what, script_keys keys, script_args args) {
    const auto raw = co_await s.run(what, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    if (raw.value()[0].as_text() == "MISSING") co_return errc::not_found;
    co_return result<void>();
}

}  // namespace

std::optional<ledger_entry> parse_entry(std::string_view line) {
    const auto f = split(line);
    ledger_entry e;
    if (f[0] == "run" && f.size() == 14) {
        e.fire_time = instant(f[1]);
        e.fence = static_cast<std::uint64_t>(number(f[2]));
        e.attempt = static_cast<unsigned>(number(f[3]));
        e.manual = is_manual(f[4]);
        if (e.manual) e.request = request_of(f[4]);
        e.node = f[5];
        e.claimed_at = instant(f[6]);
        e.started_at = instant(f[7]);
        e.at = instant(f[8]);
        e.duration = milliseconds{number(f[9])};
        e.outcome = f[10];
        e.exit_code = f[11];
        e.detail = f[12];
        e.token = f[13];
        return e;
    }
    if (f[0] == "missed" && f.size() == 7) {
        e.what = ledger_entry::kind::missed;
        e.fire_time = instant(f[1]);
        e.oldest = instant(f[2]);
        e.count = static_cast<std::uint64_t>(number(f[3]));
        e.reason = f[4];
        e.node = f[5];
        e.at = instant(f[6]);
        return e;
    }
    if (f[0] == "healed" && f.size() == 5) {
        e.what = ledger_entry::kind::healed;
        e.fire_time = instant(f[1]);
        e.oldest = instant(f[2]);
        e.node = f[3];
        e.at = instant(f[4]);
        return e;
    }
    return std::nullopt;
}

task<result<job_status>> read_status(store& s, job_name job) {
    const job_keys names(s.prefix(), job);
    script_keys keys(names.register_, names.leases, names.runs, names.asked);
    script_args args;
    const auto raw = co_await s.run(lua::show, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    const auto& r = raw.value();
    std::map<std::string, std::string, std::less<>> fields;
    for (std::size_t i = 0; i + 1 < r[1].items().size(); i += 2)
        fields.emplace(r[1][i].as_text(), r[1][i + 1].as_text());
    if (!fields.contains("gen")) co_return errc::not_found;
    job_status status;
    status.store_now = from_unix_ms(r[0].as_integer());
    status.generation = number(fields["gen"]);
    status.definition = fields["definition"];
    status.registered_by = fields["registered_by"];
    status.registered_at = instant(fields["registered_at"]);
    status.paused_by = fields["paused"];
    status.last_winner = fields["who"];
    status.last = instant(fields["last"]);
    status.anchor = instant(fields["anchor"]);
    for (std::size_t i = 0; i + 2 < r[2].items().size(); i += 3)
        status.open.push_back(parse_open(r[2][i], r[2][i + 1], r[2][i + 2]));
    status.manual_waiting = r[3].as_integer();
    co_return status;
}

task<result<job_history>> read_history(store& s, job_name job, history_query q) {
    const job_keys names(s.prefix(), job);
    script_keys keys(names.ledger, names.outputs);
    script_args args(to_unix_ms(q.from), to_unix_ms(q.to), q.most, q.outputs ? "1" : "0");
    const auto raw = co_await s.run(lua::history, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    job_history history;
    for (const auto& item : raw.value()[0].items())
        if (auto entry = parse_entry(item.as_text())) history.entries.push_back(std::move(*entry));
    for (const auto& item : raw.value()[1].items()) {
        const auto text = item.as_text();
        const auto end = text.find('\n');
        if (end != std::string_view::npos)
            history.outputs.emplace(text.substr(0, end), text.substr(end + 1));
    }
    history.oldest = from_unix_ms(raw.value()[2].as_integer());
    co_return history;
}

task<result<void>> ask_for_run(store& s, job_name job, owner_id request) {
    const job_keys names(s.prefix(), job);
    script_keys keys(names.register_, names.asked);
    script_args args(request.str(), s.fleet_channel(), job.str());
    co_return co_await simple(s, lua::ask, std::move(keys), std::move(args));
}

task<result<void>> set_paused(store& s, job_name job, std::string by) {
    const job_keys names(s.prefix(), job);
    script_keys keys(names.register_, names.ledger);
    script_args args(plain_line(by), s.fleet_channel(), job.str());
    co_return co_await simple(s, lua::pause, std::move(keys), std::move(args));
}

namespace {

struct slot_facts {
    unsigned begun = 0, ended_badly = 0;
    bool late = false, open = false;
};

bool covered(const std::vector<ledger_entry>& entries, wall_time t) {
    return std::any_of(entries.begin(), entries.end(), [t](const ledger_entry& e) {
        return e.what == ledger_entry::kind::missed && e.oldest <= t && t <= e.fire_time;
    });
}

void note(std::vector<wall_time>& list, wall_time t) {
    if (list.size() < 100) list.push_back(t);
}

}  // namespace

audit_report audit(const job_status& status, const job_history& history, wall_time from,
                   wall_time to, const cron_expression& expression, const time_zone& zone,
                   milliseconds late_after) {
    std::map<wall_time, slot_facts> facts;
    for (const auto& e : history.entries) {
        if (!e.begun() || e.manual) continue;
        auto& slot = facts[e.fire_time];
        ++slot.begun;
        slot.ended_badly += e.outcome == "failed" || e.outcome == "timed_out";
        slot.late = slot.late || (e.attempt == 1 && e.claimed_at - e.fire_time > late_after);
    }
    for (const auto& run : status.open)
        if (!run.manual) facts[run.fire_time].open = true;
    audit_report report{.from = from, .to = to};
    auto t = expression.next_after(from, zone);
    for (; t && *t <= to && report.due < 100'000; t = expression.next_after(*t, zone)) {
        ++report.due;
        const auto found = facts.find(*t);
        const auto slot = found == facts.end() ? slot_facts{} : found->second;
        report.late += slot.late;
        // Every attempt but the last may end badly; one that did not and was repeated is "twice".
        if (slot.begun > slot.ended_badly + 1) {
            ++report.twice;
            note(report.twice_times, *t);
        } else if (slot.open) {
            ++report.running;
        } else if (slot.begun > 0) {
            ++report.once;
        } else if (covered(history.entries, *t)) {
            ++report.missed;
        } else {
            ++report.lost;
            note(report.lost_times, *t);
        }
    }
    return report;
}

}  // namespace holdfast::schedule
