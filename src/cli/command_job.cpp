// `holdfast job ls|show|run|pause|resume|history|audit|explain`: straight to the store, no daemon.
#include "base/write_json.hpp"
#include "cli/command.hpp"
#include "cli/job_print.hpp"
#include "client/open_store.hpp"
#include "runtime/asio_runtime.hpp"
#include "schedule/definition.hpp"
#include "schedule/job_store.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

namespace holdfast::cli {
namespace {

struct job_options {
    std::string store;
    std::string prefix = "hf:";
    std::string job, since, at;
    unsigned count = 20;
    milliseconds late_after{5000};
    bool json = false, output = false;
};

// One command's world: a runtime, the store, answers or a failure with the right exit code.
class session {
public:
    explicit session(const job_options& o) : options(o) {
        if (!o.job.empty()) name();  // what is not even a name needs no store to be refused
        const logger log(log_level::off, log_format::text);
        auto opened = store_source::open({.url = o.store, .prefix = o.prefix}, log, why_);
        if (!opened) fail_to_open(opened.error());
        source_ = std::move(opened.value());
        auto connected = wait(source_->connect(rt, null_journal(), why_));
        if (!connected) fail_to_open(connected.error());
        store_ = std::move(connected.value());
    }
    ~session() {
        if (store_) wait(store_->close());
    }

    template <class T>
    T wait(task<T> work) {
        std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
        std::exception_ptr failed;
        auto finish = [&](std::exception_ptr e, auto... v) {
            failed = e;
            if constexpr (sizeof...(v) > 0) (value.emplace(std::move(v)), ...);
            context.stop();
        };
        boost::asio::co_spawn(context, std::move(work), finish);
        context.restart();
        context.run();
        if (failed) std::rethrow_exception(failed);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }

    template <class T>
    T need(result<T> answer) const {
        if (answer.has_error() && answer.error() == errc::not_found)
            throw command_failure(exit_code::no, "no job " + options.job +
                                                     " is registered here; holdfast job ls lists "
                                                     "those that are");
        if (answer.has_error())
            fail(answer.error(), "cannot ask the store", "check --store and try again");
        if constexpr (!std::is_void_v<T>) return std::move(answer.value());
    }

    job_name name() const {
        auto parsed = job_name::parse(options.job);
        if (!parsed)
            throw command_failure(exit_code::usage,
                                  "\"" + options.job +
                                      "\" cannot be a job's name; 1 to 128 letters, digits and "
                                      ". _ - : /");
        return parsed.value();
    }
    schedule::job_status status() { return need(wait(schedule::read_status(*store_, name()))); }
    schedule::job_history history(schedule::history_query query) {
        return need(wait(schedule::read_history(*store_, name(), query)));
    }

    store& shared() { return *store_; }

    const job_options& options;
    boost::asio::io_context context;
    asio_runtime rt{context};

private:
    [[noreturn]] void fail_to_open(const error_code& ec) const {
        throw command_failure(exit_code_of(ec), why_.empty() ? ec.message() : why_);
    }
    std::string why_;
    std::unique_ptr<store_source> source_;
    std::unique_ptr<store> store_;
};

// A registered job's schedule, read back from its definition.
struct registered_schedule {
    cron_expression expression;
    time_zone zone;

    registered_schedule(const session& s, const schedule::job_status& status)
        : expression(parse(s, status)) {
        const auto name = schedule::definition_value(status.definition, "zone");
        if (auto found = time_zone::find(name))
            zone = found.value();
        else
            throw command_failure(exit_code::no, "this host does not know the zone " +
                                                     std::string(name) +
                                                     " of the job; install tzdata");
        expression.anchor(status.anchor);
    }
    static cron_expression parse(const session& s, const schedule::job_status& status) {
        const auto text = schedule::definition_value(status.definition, "schedule");
        const auto dialect =
            cron_dialect_of(schedule::definition_value(status.definition, "dialect"));
        auto parsed = cron_expression::parse(text, dialect.value_or(cron_dialect::holdfast),
                                             schedule::hash_seed(s.options.job));
        if (!parsed)
            throw command_failure(exit_code::internal,
                                  "the job's schedule cannot be read: " + std::string(text) +
                                      "; is this program older than its "
                                      "daemon?");
        return parsed.value();
    }
};

wall_time instant_of(const std::string& text, const char* what) {
    const auto parsed = parse_instant(text);
    if (!parsed)
        throw command_failure(exit_code::usage, std::string(what) + " \"" + text +
                                                    "\" is not an instant; write "
                                                    "2026-11-22T02:30:00Z");
    return parsed.value();
}

int list(const job_options& o) {
    session s(o);
    auto names = s.need(s.wait(schedule::read_catalogue(s.shared())));
    std::sort(names.begin(), names.end());
    std::vector<std::string> items;
    for (const auto& name : names) {
        const auto parsed = job_name::parse(name);
        if (!parsed) continue;
        const auto status = s.wait(schedule::read_status(s.shared(), parsed.value()));
        if (!status) {
            if (status.error() == errc::not_found) continue;
            s.need(result<void>(status.error()));
        }
        items.push_back(o.json ? status_json(name, status.value())
                               : status_line(name, status.value()));
    }
    if (o.json) {
        std::cout << json_array(items) << '\n';
    } else {
        for (const auto& line : items) std::cout << line << '\n';
    }
    return exit_code::done;
}

int show(const job_options& o) {
    session s(o);
    const auto status = s.status();
    std::cout << (o.json ? status_json(o.job, status) : status_text(o.job, status)) << '\n';
    return exit_code::done;
}

int run_now(const job_options& o) {
    session s(o);
    const auto request = owner_id::random(s.rt);
    s.need(s.wait(schedule::ask_for_run(s.shared(), s.name(), request)));
    std::cout << (o.json ? json_object({{"asked", "true"}, {"run", json_quote(request.str())}})
                         : "run " + request.str() + " is asked for; holdfast job history " + o.job +
                               " will show how it ended")
              << '\n';
    return exit_code::done;
}

int pause_or_resume(const job_options& o, bool pausing) {
    session s(o);
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    const auto* user = pausing ? getlogin() : nullptr;
    std::string by;
    if (pausing) by = std::string(user != nullptr ? user : "somebody") + "@" + host;
    s.need(s.wait(schedule::set_paused(s.shared(), s.name(), by)));
    std::cout << (o.json ? json_object({{"paused", pausing ? "true" : "false"}})
                         : o.job + (pausing ? " is paused" : " goes on"))
              << '\n';
    return exit_code::done;
}

int history(const job_options& o) {
    const auto from = o.since.empty() ? wall_time{} : instant_of(o.since, "--since");
    session s(o);
    s.status();
    const auto found =
        s.history({from, from_unix_seconds(253'402'300'799), o.count, o.output || o.json});
    std::vector<std::string> items;
    for (const auto& e : found.entries) {
        items.push_back(o.json ? entry_json(e, found) : entry_line(e));
        const auto output = found.outputs.find(e.token);
        if (!o.json && o.output && output != found.outputs.end())
            items.back() += "\n" + output->second;
    }
    if (o.json) {
        std::cout << json_array(items) << '\n';
    } else {
        for (const auto& line : items) std::cout << line << '\n';
    }
    return exit_code::done;
}

int audit(const job_options& o) {
    const auto since = o.since.empty() ? wall_time{} : instant_of(o.since, "--since");
    session s(o);
    const auto status = s.status();
    const registered_schedule when(s, status);
    const auto found = s.history({wall_time{}, status.store_now, 1'000'000, false});
    auto from = o.since.empty() ? status.anchor : since;
    // What the ledger no longer holds cannot be judged.
    if (found.oldest > wall_time{} && found.oldest - seconds{1} > from && !found.entries.empty() &&
        found.entries.size() >= 2000)
        from = found.oldest - seconds{1};
    const auto to = std::min(status.last, status.store_now);
    const auto report = schedule::audit(status, found, std::min(from, to), to, when.expression,
                                        when.zone, o.late_after);
    std::cout << (o.json ? audit_json(o.job, report) : audit_text(o.job, report)) << '\n';
    return report.twice == 0 && report.lost == 0 ? exit_code::done : exit_code::no;
}

std::string explanation(const schedule::job_status& status, const schedule::job_history& found,
                        const registered_schedule& when, wall_time t) {
    for (const auto& run : status.open)
        if (run.fire_time == t)
            return "it is running on " + run.node + ", attempt " + std::to_string(run.attempt) +
                   (run.lease_end > status.store_now
                        ? ""
                        : "; its lease has ended, so another instance will settle it");
    std::string told;
    for (const auto& e : found.entries) {
        const bool missed = e.what == schedule::ledger_entry::kind::missed;
        if (e.fire_time == t || (missed && e.oldest <= t && t <= e.fire_time))
            told = entry_line(e) + (told.empty() ? "" : "\n") + told;
    }
    if (!told.empty()) return told;
    if (!when.expression.matches(t, when.zone)) {
        const auto next = when.expression.next_after(t, when.zone);
        return "it is not a fire time of this schedule; the next one is " +
               (next ? schedule::utc_text(*next) : std::string("never"));
    }
    if (t > status.store_now) return "it is not due yet";
    if (t < status.anchor) return "the schedule is newer, of " + schedule::utc_text(status.anchor);
    if (!status.paused_by.empty()) return "the job is paused by " + status.paused_by;
    if (t > status.last)
        return "it is due and nobody has claimed it; is any instance with this job up, and its "
               "clock right?";
    return "it was settled and the ledger does not say how: its schedule was another then, or "
           "the ledger no longer reaches back";
}

int explain(const job_options& o) {
    const auto t = instant_of(o.at, "the fire time");
    session s(o);
    const auto status = s.status();
    const registered_schedule when(s, status);
    const auto found = s.history({t - hours{24 * 7}, status.store_now, 100'000, false});
    const auto told = explanation(status, found, when, t);
    std::cout << (o.json ? json_object({{"job", "\"" + o.job + "\""},
                                        {"fire_time", json_time(t)},
                                        {"explanation", json_quote(told)}})
                         : told)
              << '\n';
    return exit_code::done;
}

}  // namespace

void add_job_command(CLI::App& app, int& code) {
    auto* job = app.add_subcommand("job", "Look at and steer the jobs of the fleet");
    job->require_subcommand(1);
    auto o = std::make_shared<job_options>();
    job->footer(
        footer_with("holdfast job ls --store redis://127.0.0.1:6379/0\n"
                    "holdfast job audit nightly"));
    const auto add = [&](const char* name, const char* text, bool named, auto action) {
        auto* sub = job->add_subcommand(name, text);
        sub->add_option("--store", o->store,
                        "Where the jobs are: redis://HOST:PORT/DB, rediss://…, embedded:FOLDER")
            ->envname("HOLDFAST_STORE")
            ->required();
        sub->add_option("--prefix", o->prefix, "before every key");
        sub->add_flag("--json", o->json, "JSON on standard output");
        if (named) sub->add_option("JOB", o->job, "its name")->required();
        sub->footer(footer_with(std::string("holdfast job ") + name + (named ? " nightly" : "")));
        sub->callback([o, action, &code] { code = action(*o); });
        return sub;
    };
    add("ls", "All registered jobs", false, list);
    add("show", "One job: definition, state, open runs", true, show);
    add("run", "Ask the fleet to run it once, now", true, run_now);
    add("pause", "Fire no more until resumed", true,
        [](const job_options& p) { return pause_or_resume(p, true); });
    add("resume", "Go on; what fell due meanwhile is not owed", true,
        [](const job_options& p) { return pause_or_resume(p, false); });
    auto* past = add("history", "How its runs ended, newest first", true, history);
    past->add_option("-n", o->count, "at most so many")->check(CLI::Range(1, 100'000));
    past->add_option("--since", o->since, "from this instant on");
    past->add_flag("--output", o->output, "what commands printed, too");
    past->footer(
        footer_with("holdfast job history nightly -n 5 --output\n"
                    "holdfast job history nightly --since 2026-11-01T00:00:00Z --json"));
    add("audit", "Fire times due, run once, twice, lost; exit 1 when any is twice or lost", true,
        audit)
        ->add_option("--since", o->since, "from this instant on");
    auto* why = add("explain", "What became of one fire time, and why", true, explain);
    why->add_option("FIRE_TIME", o->at, "2026-11-22T02:30:00Z")->required();
    why->footer(footer_with("holdfast job explain nightly 2026-11-22T02:30:00Z"));
}

}  // namespace holdfast::cli
