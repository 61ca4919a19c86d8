// Jobs: schedule, policies and what to run.
#include "cli/config/read_jobs.hpp"

#include "cli/command.hpp"
#include "cli/config/yaml_map.hpp"
#include "holdfast/ids.hpp"
#include "http/characters.hpp"
#include "schedule/http_url.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace holdfast::cli {
namespace {

constexpr milliseconds longest_span = hours{24 * 366};

// What the kernel would cut at a NUL byte.
bool has_nul(const std::string& text) { return text.find('\0') != text.npos; }

run_config read_command(yaml_map& section) {
    run_config run;
    run.what = run_config::kind::command;
    run.command = section.texts("command");
    if (run.command.empty() || run.command.front().empty())
        section.fail("command", "must be a list of the program and its arguments");
    if (std::ranges::any_of(run.command, has_nul))
        section.fail("command", "has a NUL byte, which no argument can hold");
    run.folder = section.resolve(section.text("cwd", "."));
    if (has_nul(run.folder)) section.fail("cwd", "has a NUL byte, which no path can hold");
    auto environment = section.map("env");
    for (const auto& [name, node] : environment.members()) {
        const auto value = environment.text(name, "");
        if (name.empty() || name.find('=') != name.npos || has_nul(name) || has_nul(value))
            environment.fail(name,
                             "cannot be in an environment: no name may be empty or have =, "
                             "and neither name nor value a NUL byte");
        run.environment[name] = value;
    }
    return run;
}

void check_url(const yaml_map& call, const std::string& text) {
    if (!text.starts_with("http://")) call.fail("url", "must start with http://");
    const auto url = schedule::parse_http_url(text);
    unsigned port = 0;
    if (url) std::from_chars(url->port.data(), url->port.data() + url->port.size(), port);
    if (port < 1 || port > 65535)
        call.fail("url", "is \"" + text + "\"; allowed: http://HOST[:PORT]/PATH without spaces");
}

void check_header(const yaml_map& headers, const std::string& name, const std::string& value) {
    if (!http::is_token(name) || !http::is_field_value(value))
        headers.fail(name,
                     "is no header: a name is letters, digits and -, a value has no control "
                     "characters");
}

run_config read_http_call(yaml_map& section) {
    run_config run;
    run.what = run_config::kind::http;
    auto call = section.map("http");
    run.url = call.required_text("url");
    check_url(call, run.url);
    run.method = call.choice<std::string>(
        "method", "POST", {{"GET", "GET"}, {"POST", "POST"}, {"PUT", "PUT"}, {"DELETE", "DELETE"}});
    auto headers = call.map("headers");
    for (const auto& [name, node] : headers.members()) {
        run.headers[name] = headers.text(name, "");
        check_header(headers, name, run.headers[name]);
    }
    run.body = call.text("body", "");
    call.finish();
    return run;
}

run_config read_run(yaml_map section, job_config& job) {
    const int given = section.has("same_token") + section.has("command") + section.has("http");
    if (given != 1)
        section.fail_here(section.path() + " needs exactly one of: same_token, command, http");
    run_config run;
    if (section.has("command"))
        run = read_command(section);
    else if (section.has("http"))
        run = read_http_call(section);
    else {
        run.what = run_config::kind::same_token;
        section.choice<bool>("same_token", true, {{"rotate", true}});
    }
    job.timeout = section.duration("timeout", job.timeout, milliseconds{100}, longest_span);
    for (const auto* key : {"same_token", "command", "http", "cwd", "env"})
        if (!section.has(key)) section.text(key, "");  // known, absent
    section.finish();
    return run;
}

std::string read_schedule(yaml_map& section) {
    const int given = section.has("cron") + section.has("every") + section.has("at");
    if (given != 1) section.fail_here(section.path() + " needs exactly one of: cron, every, at");
    if (section.has("every")) {
        section.duration("every", seconds{1}, seconds{1}, longest_span);
        return "@every " + section.text("every", "");
    }
    if (section.has("at")) return "@at " + section.text("at", "");
    return section.required_text("cron");
}

void check_schedule(yaml_map& section, const job_config& job) {
    const auto* key = section.has("cron") ? "cron" : section.has("every") ? "every" : "at";
    cron_problem why;
    const auto parsed = cron_expression::parse(job.schedule, job.dialect, 0, &why);
    if (!parsed) section.fail(key, "\"" + job.schedule + "\" is no schedule: " + why.message);
    if (parsed->shape() == cron_expression::form::fields && parsed->never_fires())
        section.fail(key, "\"" + job.schedule + "\" never fires: no such date exists");
    if (!time_zone::find(job.zone))
        section.fail(
            "zone",
            "\"" + job.zone + "\" is not a time zone of the IANA database, such as Asia/Shanghai");
}

void read_misfire(yaml_map& section, job_config& job) {
    using policy = job_config::misfire_policy;
    job.misfire = section.choice<policy>(
        "misfire", policy::fire_once,
        {{"skip", policy::skip}, {"fire_once", policy::fire_once}, {"fire_all", policy::fire_all}});
    job.misfire_max =
        static_cast<std::uint32_t>(section.integer("misfire_max", job.misfire_max, 1, 10000));
    job.misfire_threshold =
        section.duration("misfire_threshold", job.misfire_threshold, milliseconds{0}, longest_span);
    if (section.has("start_deadline"))
        job.start_deadline =
            section.duration("start_deadline", hours{1}, milliseconds{1}, longest_span);
    else
        section.text("start_deadline", "");
}

void read_policies(yaml_map& section, job_config& job) {
    read_misfire(section, job);
    using overlap = job_config::overlap_policy;
    job.overlap = section.choice<overlap>(
        "overlap", overlap::forbid,
        {{"forbid", overlap::forbid}, {"allow", overlap::allow}, {"replace", overlap::replace}});
    using crash = job_config::crash_policy;
    job.on_crash = section.choice<crash>("on_crash", crash::abandon,
                                         {{"abandon", crash::abandon}, {"rerun", crash::rerun}});
    job.retries = static_cast<std::uint32_t>(section.integer("retries", 0, 0, 1000));
    job.retry_delay = section.duration("retry_delay", job.retry_delay, milliseconds{1}, hours{24});
    job.timeout = section.duration("timeout", job.timeout, milliseconds{100}, longest_span);
    job.jitter = section.duration("jitter", job.jitter, milliseconds{0}, hours{24});
}

job_config read_job(yaml_map section) {
    job_config job;
    job.line = section.line();
    job.name = section.required_text("name");
    if (!job_name::parse(job.name))
        section.fail("name",
                     "is \"" + job.name + "\"; allowed: 1 to 128 letters, digits and . _ - : /");
    job.schedule = read_schedule(section);
    for (const auto* key : {"cron", "every", "at"})
        if (!section.has(key)) section.text(key, "");
    job.dialect = section.choice<cron_dialect>("dialect", cron_dialect::holdfast,
                                               {{"holdfast", cron_dialect::holdfast},
                                                {"spring", cron_dialect::spring},
                                                {"quartz", cron_dialect::quartz},
                                                {"vixie", cron_dialect::vixie}});
    job.zone = section.text("zone", job.zone);
    read_policies(section, job);
    job.run = read_run(section.map("run"), job);
    section.finish();
    check_schedule(section, job);
    return job;
}

}  // namespace

std::vector<job_config> read_jobs(const std::vector<YAML::Node>& nodes, const std::string& file) {
    std::vector<job_config> jobs;
    std::set<std::string> names;
    for (const auto& node : nodes) {
        yaml_map section(node, file, "jobs[" + std::to_string(jobs.size()) + "]");
        auto job = read_job(section);
        if (!names.insert(job.name).second)
            section.fail("name", "is \"" + job.name + "\" a second time; job names are unique");
        jobs.push_back(std::move(job));
    }
    return jobs;
}

}  // namespace holdfast::cli
