// Reading and steering jobs from outside: status, ledger, audit, run now, pause.
#pragma once

#include "holdfast/cron.hpp"
#include "holdfast/ids.hpp"
#include "holdfast/store.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::schedule {

/// One line of a job's ledger: the end of an attempt, or fire times that did not run.
struct ledger_entry {
    enum class kind : std::uint8_t { run, missed, healed };
    kind what = kind::run;
    wall_time fire_time;  ///< missed: the newest one
    std::string node;     ///< who ran it, or who settled it
    wall_time at;         ///< when it was written down

    std::uint64_t fence = 0;
    unsigned attempt = 0;
    bool manual = false;
    std::string request;               ///< which ask_for_run() a manual run answers
    wall_time claimed_at, started_at;  ///< started_at: the epoch when the work never began
    milliseconds duration{0};
    std::string outcome, exit_code, detail, token;

    wall_time oldest;         ///< missed: the fire times from here to fire_time did not run
    std::uint64_t count = 0;  ///< missed: how many, 0 when nobody counted (a pause)
    std::string reason;

    bool begun() const noexcept { return what == kind::run && started_at > wall_time{}; }
};

/// A run that goes on, or whose instance has died and nobody has noticed yet.
struct open_run {
    wall_time fire_time, claimed_at, started_at, lease_end;
    std::uint64_t fence = 0;
    unsigned attempt = 0;
    bool manual = false;
    std::string node, token;
};

struct job_status {
    std::string definition, registered_by, paused_by, last_winner;
    std::int64_t generation = 0;
    wall_time store_now, last, anchor, registered_at;
    std::vector<open_run> open;
    std::int64_t manual_waiting = 0;
};

struct job_history {
    std::vector<ledger_entry> entries;           ///< newest fire time first
    std::map<std::string, std::string> outputs;  ///< by token, the last few
    wall_time oldest;                            ///< how far back the ledger reaches
};

struct history_query {
    wall_time from, to;
    unsigned most = 1000;
    bool outputs = false;
};

/// errc::not_found: no such job was ever registered. Otherwise failures are the store's.
task<result<job_status>> read_status(store&, job_name);
task<result<job_history>> read_history(store&, job_name, history_query);
/// Asks the fleet to run it once. `request` makes repeating harmless, until a day after the claim.
task<result<void>> ask_for_run(store&, job_name, owner_id request);
/// Pauses in somebody's name; an empty name resumes.
task<result<void>> set_paused(store&, job_name, std::string by);

/// Reads one entry; nothing for a line of a later version.
std::optional<ledger_entry> parse_entry(std::string_view line);

/// What became of the fire times of a span.
struct audit_report {
    wall_time from, to;
    std::uint64_t due = 0, once = 0, twice = 0, missed = 0, lost = 0, running = 0, late = 0;
    std::vector<wall_time> lost_times, twice_times;  ///< the first hundred
};

/// Enumerates the fire times in (from, to] (at most 100,000) and looks each up. A retry after a
/// failure is not "twice"; beginning again without knowing how the attempt before ended is.
audit_report audit(const job_status&, const job_history&, wall_time from, wall_time to,
                   const cron_expression&, const time_zone&, milliseconds late_after);

}  // namespace holdfast::schedule
