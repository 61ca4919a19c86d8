// From the configuration's jobs to the schedule room's.
#include "cli/serve/make_jobs.hpp"

#include "base/duration.hpp"
#include "cli/config/yaml_map.hpp"

namespace holdfast::cli {
namespace {

job_work work_of(const run_config& run, const rotate_call& rotate) {
    if (run.what == run_config::kind::command)
        return command_work{
            .argv = run.command, .environment = run.environment, .folder = run.folder};
    if (run.what == run_config::kind::http)
        return http_work{
            .method = run.method, .url = run.url, .headers = run.headers, .body = run.body};
    return function_work{"same_token.rotate", rotate};
}

misfire_policy misfire_of(const job_config& job) {
    misfire_policy policy;
    using given = job_config::misfire_policy;
    using kind = misfire_policy::kind;
    policy.what = job.misfire == given::skip        ? kind::skip
                  : job.misfire == given::fire_once ? kind::fire_once
                                                    : kind::fire_all;
    policy.max_runs = job.misfire_max;
    policy.threshold = job.misfire_threshold;
    policy.start_deadline = job.start_deadline;
    return policy;
}

overlap_policy overlap_of(job_config::overlap_policy given) noexcept {
    switch (given) {
        case job_config::overlap_policy::forbid: return overlap_policy::forbid;
        case job_config::overlap_policy::allow: return overlap_policy::allow;
        case job_config::overlap_policy::replace: return overlap_policy::replace;
    }
    return overlap_policy::forbid;
}

job_spec spec_of(const job_config& job, const rotate_call& rotate) {
    job_spec spec(job_name(job.name), job.schedule, work_of(job.run, rotate));
    spec.dialect = job.dialect;
    spec.zone = time_zone::find(job.zone).value();  // the reader has checked it
    spec.misfire = misfire_of(job);
    spec.overlap = overlap_of(job.overlap);
    spec.on_crash = job.on_crash == job_config::crash_policy::rerun ? crash_policy::rerun
                                                                    : crash_policy::abandon;
    spec.retry.max_attempts = job.retries + 1;
    spec.retry.first_delay = job.retry_delay;
    spec.retry.max_delay = std::max(spec.retry.max_delay, job.retry_delay);
    spec.timeout = job.timeout;
    spec.jitter = job.jitter;
    return spec;
}

}  // namespace

job_config default_rotation(const same_token_config& same) {
    job_config job;
    job.name = "same-token-refresh";
    job.schedule = "@every " + format_duration(same.interval);
    job.run.what = run_config::kind::same_token;
    return job;
}

std::vector<job_spec> make_jobs(const config& from, const rotate_call& rotate) {
    std::vector<job_spec> specs;
    bool rotates = false;
    for (const auto& job : from.jobs) {
        rotates = rotates || job.run.what == run_config::kind::same_token;
        specs.push_back(spec_of(job, rotate));
    }
    if (!rotates) specs.push_back(spec_of(default_rotation(from.same_token), rotate));
    for (std::size_t i = 0; i < from.jobs.size(); ++i) {
        std::string why;
        if (!validate(specs[i], &why)) fail_in_file(from.file, from.jobs[i].line, why);
    }
    return specs;
}

}  // namespace holdfast::cli
