// What other instances say: a claim seen in time saves asking the store who has a fire time.
#include "schedule/definition.hpp"
#include "schedule/scheduler_impl.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast {
namespace {

std::string_view next_word(std::string_view& text) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

std::int64_t next_number(std::string_view& text) {
    const auto word = next_word(text);
    std::int64_t number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
}

}  // namespace

scheduler::impl::job_ptr scheduler::impl::find(std::string_view name) const {
    const auto found = jobs_.find(name);
    return found == jobs_.end() ? nullptr : found->second;
}

void scheduler::impl::tell_refused(const job_ptr& job, wall_time fire_time, std::string_view who,
                                   std::string_view why) {
    if (fire_time <= job->told_until) return;
    job->told_until = fire_time;
    const firing_id id(job->spec->name, fire_time);
    record(event_kind::firing_refused, id.key(), who, 0, why);
}

// "JOB FIRE_TIME FENCE LEASE_END NODE" behind "claimed" or "adopted".
void scheduler::impl::on_claimed(const job_ptr& job, std::string_view rest) {
    const auto fire_time = from_unix_ms(next_number(rest));
    next_number(rest);  // the fence is its owner's business
    next_number(rest);
    if (rest == options_.node) return;
    job->busy_until = rt_.now() + job->spec->lease;
    sweep_by(job, job->busy_until + milliseconds{50});
    if (fire_time <= job->known.last) return;
    job->known.last = fire_time;
    tell_refused(job, fire_time, rest, "taken");
}

void scheduler::impl::on_push(std::string_view payload) {
    const auto what = next_word(payload);
    const auto job = find(next_word(payload));
    if (!job) return;
    if (what == "claimed" || what == "adopted") {
        on_claimed(job, payload);
    } else if (what == "done") {
        job->busy_until = {};
    } else if (what == "skipped" || what == "resumed") {
        job->known.last = std::max(job->known.last, from_unix_ms(next_number(payload)));
        job->paused = job->paused && what != "resumed";
    } else if (what == "stop") {
        const auto fence = static_cast<std::uint64_t>(next_number(payload));
        for (const auto& run : std::vector(runs_))
            if (run->job == job && run->fence.value() <= fence) ask_to_stop(run, "replaced");
    } else if (what == "free" && !stopping_) {
        spawn(sweep(job, options_.takeover_delay * rank_of(job)));
    } else if (what == "asked" && !stopping_) {
        spawn(take_manual(job, options_.takeover_delay * rank_of(job)));
    }
    job->changed.notify();
}

}  // namespace holdfast
