// Writing definitions; the checks a definition must pass.
#include "schedule/definition.hpp"

#include "base/duration.hpp"
#include "schedule/http_url.hpp"

#include <cstdio>

namespace holdfast {
namespace schedule {
namespace {

std::string one_line(std::string_view text) {
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    return out;
}

std::string hex_of(std::uint64_t number) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
    return text;
}

std::string digest_of(const std::map<std::string, std::string>& pairs, std::string_view more) {
    std::string all(more);
    for (const auto& [name, value] : pairs) all += '\n' + name + '=' + value;
    return hex_of(stable_hash(all));
}

struct work_lines {
    std::string& out;

    void line(std::string_view name, std::string_view value) const {
        out.append(name).append(": ").append(one_line(value)).append("\n");
    }
    void operator()(const function_work& w) const { line("run", "function " + w.name); }
    void operator()(const command_work& w) const {
        std::string text = "command";
        for (const auto& arg : w.argv) text += ' ' + arg;
        line("run", text);
        if (!w.folder.empty()) line("folder", w.folder);
        line("grace", format_duration(w.grace));
        if (!w.environment.empty()) line("environment", digest_of(w.environment, ""));
    }
    void operator()(const http_work& w) const {
        line("run", "http " + w.method + ' ' + w.url);
        line("expected_status", w.expected_status == 0 ? "2xx" : std::to_string(w.expected_status));
        if (!w.headers.empty() || !w.body.empty()) line("request", digest_of(w.headers, w.body));
    }
};

constexpr std::string_view misfire_names[] = {"skip", "fire_once", "fire_all"};

std::string misfire_text(const misfire_policy& p) {
    std::string text(misfire_names[static_cast<std::size_t>(p.what)]);
    if (p.what == misfire_policy::kind::fire_all) text += "(" + std::to_string(p.max_runs) + ")";
    return text + " after " + format_duration(p.threshold);
}

}  // namespace

std::string_view name_of(overlap_policy p) noexcept {
    constexpr std::string_view names[] = {"forbid", "allow", "replace"};
    return names[static_cast<std::size_t>(p)];
}

std::string_view name_of(crash_policy p) noexcept {
    constexpr std::string_view names[] = {"abandon", "rerun"};
    return names[static_cast<std::size_t>(p)];
}

std::uint64_t hash_seed(std::string_view job) noexcept {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const char c : job) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return h;
}

std::uint64_t stable_hash(std::string_view text) noexcept {
    auto h = hash_seed(text);
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

std::string utc_text(wall_time t) {
    const auto days = std::chrono::floor<std::chrono::days>(t.time_since_epoch());
    const std::chrono::year_month_day date{std::chrono::sys_days{days}};
    const std::chrono::hh_mm_ss clock{
        std::chrono::floor<milliseconds>(t.time_since_epoch() - days)};
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    std::string out(text);
    if (const auto ms = static_cast<int>(clock.subseconds().count()); ms != 0) {
        std::snprintf(text, sizeof text, ".%03d", ms);
        out += text;
    }
    return out + "Z";
}

std::string schedule_text(const job_spec& s) {
    std::string text = one_line(s.schedule);
    text.append(" | ").append(holdfast::name_of(s.dialect)).append(" | ").append(s.zone.name());
    if (s.zone != time_zone::utc()) text += ' ' + time_zone::data_version();
    return text;
}

std::string definition_text(const job_spec& s) {
    std::string out;
    const work_lines to{out};
    to.line("schedule", s.schedule);
    to.line("dialect", holdfast::name_of(s.dialect));
    to.line("zone", s.zone.name());
    std::visit(to, s.work);
    to.line("overlap", name_of(s.overlap));
    to.line("on_crash", s.on_crash == crash_policy::rerun
                            ? "rerun, at most " + std::to_string(s.crash_reruns) + " times"
                            : "abandon");
    to.line("misfire", misfire_text(s.misfire));
    if (s.misfire.start_deadline)
        to.line("start_deadline", format_duration(*s.misfire.start_deadline));
    to.line("attempts", std::to_string(s.retry.max_attempts));
    if (s.retry.max_attempts > 1)
        to.line("retry_delay",
                format_duration(s.retry.first_delay) + " to " + format_duration(s.retry.max_delay));
    to.line("timeout", format_duration(s.timeout));
    if (s.jitter.count() > 0) to.line("jitter", format_duration(s.jitter));
    to.line("lease", format_duration(s.lease));
    if (s.version > 0) to.line("version", std::to_string(s.version));
    return out;
}

std::string_view definition_value(std::string_view definition, std::string_view name) {
    while (!definition.empty()) {
        const auto end = std::min(definition.find('\n'), definition.size());
        const auto line = definition.substr(0, end);
        if (line.starts_with(name) && line.substr(name.size()).starts_with(": "))
            return line.substr(name.size() + 2);
        definition.remove_prefix(std::min(end + 1, definition.size()));
    }
    return {};
}

}  // namespace schedule

std::string firing_id::key() const { return job.str() + "/" + schedule::utc_text(fire_time); }

namespace {

std::string problem_of_work(const job_work& work) {
    if (const auto* f = std::get_if<function_work>(&work))
        return f->call ? "" : "the function " + f->name + " is empty";
    if (const auto* c = std::get_if<command_work>(&work)) {
        if (c->argv.empty() || c->argv[0].empty()) return "the command is empty";
        for (const auto& [name, value] : c->environment)
            if (name.empty() || name.find('=') != std::string::npos)
                return "\"" + name + "\" cannot be the name of an environment variable";
        return c->grace < milliseconds{0} ? "grace is negative" : "";
    }
    const auto& h = std::get<http_work>(work);
    if (auto url = schedule::parse_http_url(h.url); !url)
        return "\"" + h.url + "\" is not an http:// address";
    for (const auto& [name, value] : h.headers)
        if ((name + value).find_first_of("\r\n") != std::string::npos || name.empty())
            return "the header \"" + name + "\" is empty or has a line break";
    return h.method.find_first_of(" \r\n") == std::string::npos && !h.method.empty()
               ? ""
               : "\"" + h.method + "\" is not an HTTP method";
}

std::string problem_of(const job_spec& s) {
    cron_problem bad;
    if (!cron_expression::parse(s.schedule, s.dialect, 0, &bad))
        return "schedule \"" + s.schedule + "\": " + bad.message;
    if (s.lease < seconds{1} || s.lease > hours{24}) return "lease must be 1s to 24h";
    if (s.timeout <= milliseconds{0}) return "timeout must be more than 0";
    if (s.jitter < milliseconds{0} || s.jitter > hours{24}) return "jitter must be 0s to 24h";
    if (s.retry.max_attempts < 1 || s.retry.max_attempts > 1000)
        return "attempts must be 1 to 1000";
    if (s.retry.first_delay < milliseconds{0} || s.retry.max_delay < s.retry.first_delay)
        return "the longest retry delay must not be below the first";
    if (s.misfire.threshold < milliseconds{0} || s.misfire.max_runs < 1)
        return "the misfire threshold must not be negative, and at least one run is caught up";
    if (s.misfire.start_deadline && *s.misfire.start_deadline <= milliseconds{0})
        return "start_deadline must be more than 0";
    return problem_of_work(s.work);
}

}  // namespace

result<void> validate(const job_spec& s, std::string* why) {
    auto problem = problem_of(s);
    if (problem.empty()) return {};
    if (why != nullptr) *why = "job " + s.name.str() + ": " + problem;
    return errc::invalid_argument;
}

}  // namespace holdfast
