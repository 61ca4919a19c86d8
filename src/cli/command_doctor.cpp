// `holdfast doctor`: is this store fit for use, and if not, what to do.
#include "base/write_json.hpp"
#include "cli/doctor/judge_server.hpp"
#include "cli/store_session.hpp"
#include "holdfast/locker.hpp"
#include "store/redis/redis_options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace holdfast::cli {
namespace {

using grade = finding::grade;

struct doctor_flags {
    std::string store;
    bool json = false;
};

struct diagnosis {
    findings all;
    int code = exit_code::done;
};

std::string_view name_of(grade how) {
    switch (how) {
        case grade::ok: return "ok";
        case grade::warn: return "warn";
        case grade::fail: return "fail";
    }
    return "fail";
}

// Not reached: try again. Reached and unfit: no.
int code_of(errc why) {
    const error_code ec = why;
    return ec == condition::retry || why == errc::folder_in_use ? exit_code::unavailable
                                                                : exit_code::no;
}

// "what; why; what to do", as every problem of a store is worded.
finding from_sentence(std::string subject, const std::string& text) {
    const auto last = text.rfind("; ");
    if (last == text.npos) return {grade::fail, std::move(subject), text};
    return {grade::fail, std::move(subject), text.substr(0, last), text.substr(last + 2)};
}

task<diagnosis> examine_redis(runtime& rt, const std::string& url) {
    diagnosis made;
    const auto options = parse_redis_url(url);
    const auto seen = co_await survey_server(rt, *options);
    if (seen.problem) {
        const auto& problem = *seen.problem;
        made.all.push_back(from_sentence(
            problem.code == errc::permission_denied ? "access" : "connection", problem.text));
        made.code = code_of(problem.code);
        co_return made;
    }
    made.all = judge_server(seen);
    co_return made;
}

finding reach_of(const std::string& url) {
    if (url == "memory:")
        return {grade::warn, "reach", "memory of one process; nobody else can agree through it",
                "use embedded:FOLDER on one machine, redis:// for a fleet"};
    return {grade::ok, "reach", "one process at a time on this machine"};
}

// Opens it for real: the lock of the folder, the journal and the scripts are what may be wrong.
task<diagnosis> examine_embedded(store_session& session, const std::string& url) {
    diagnosis made;
    std::string why;
    if (const auto opened = session.open(url, why); !opened) {
        if (errc_of(opened.error()) == errc::invalid_argument)
            throw command_failure(exit_code::usage, why);
        made.all.push_back(from_sentence("folder", why));
        made.code = code_of(errc_of(opened.error()));
        co_return made;
    }
    co_await session.connect();
    locker locks(session.runtime, *session.state);
    const auto before = session.runtime.now();
    const auto got =
        co_await locks.try_acquire(lock_name("holdfast-doctor"), lease_ttl(seconds{1}));
    if (got) co_await locks.release(*got);
    const auto took = std::chrono::round<microseconds>(session.runtime.now() - before);
    made.all.push_back({grade::ok, "folder", "opened, recovered and locked"});
    if (got || got.error() == errc::busy)
        made.all.push_back(
            {grade::ok, "scripts",
             "a lock taken and given back in " + std::to_string(took.count()) + " us"});
    else
        made.all.push_back({grade::fail, "scripts", got.error().message(), "see the log"});
    made.all.push_back(reach_of(url));
    co_return made;
}

void print(const diagnosis& made, bool json) {
    const char* comma = "";
    if (json) std::cout << "{\"ready\":" << (made.code == 0 ? "true" : "false") << ",\"checks\":[";
    for (const auto& each : made.all) {
        if (json) {
            std::cout << comma << "{\"check\":" << json_quote(each.subject) << ",\"grade\":\""
                      << name_of(each.how) << "\",\"what\":" << json_quote(each.what)
                      << ",\"advice\":" << json_quote(each.advice) << '}';
            comma = ",";
        } else {
            std::cout << name_of(each.how) << '\t' << each.subject << '\t' << each.what
                      << (each.advice.empty() ? "" : "; " + each.advice) << '\n';
        }
    }
    if (json) std::cout << "]}\n";
}

task<int> examine(store_session& session, const doctor_flags& flags) {
    std::string why;
    if (const auto fit = check_store_url(flags.store, why); !fit)
        throw command_failure(exit_code::usage, why);
    const bool redis = flags.store.starts_with("redis");
    diagnosis made;
    if (redis)
        made = co_await examine_redis(session.runtime, flags.store);
    else
        made = co_await examine_embedded(session, flags.store);
    const auto failed = [](const finding& f) { return f.how == grade::fail; };
    if (made.code == exit_code::done && std::ranges::any_of(made.all, failed))
        made.code = exit_code::no;
    print(made, flags.json);
    co_return made.code;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
    auto* doctor = app.add_subcommand("doctor", "Say whether a store is fit for use");
    auto flags = std::make_shared<doctor_flags>();
    add_store_option(*doctor, flags->store);
    doctor->add_flag("--json", flags->json, "Print JSON");
    doctor->footer(
        "One line a check: ok, warn or fail, tab, what was checked, tab, what was found and what "
        "to do.\n"
        "Examples:\n"
        "  holdfast doctor --store redis://127.0.0.1:6379/0\n"
        "  holdfast doctor --json\n"
        "Exit code 0: ready (warnings allowed), 1: not ready, 75: the store cannot be reached.");
    doctor->callback([flags, &exit_code] {
        store_session session;
        exit_code = session.run(examine(session, *flags));
    });
}

}  // namespace holdfast::cli
