// The list of jobs, the queue of wake-ups, and the loops that run beside them.
#include "schedule/definition.hpp"
#include "schedule/scheduler_impl.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace holdfast {
namespace {

constexpr seconds calendar_looked_at_every{10};

}  // namespace

using schedule::job_record;

schedule::job_record::job_record(runtime& rt, store& s, std::shared_ptr<const job_spec> sp)
    : spec(std::move(sp)),
      schedule(schedule_text(*spec)),
      definition(definition_text(*spec)),
      expression(cron_expression::parse(spec->schedule, spec->dialect, hash_seed(name())).value()),
      shift(jitter_of(name(), spec->jitter)),
      remote(s, spec->name),
      changed(rt) {}

void schedule::job_record::succeed(const job_record& former) {
    known.last = former.known.last;
    highest_fence = former.highest_fence;
    told_until = former.told_until;
}

scheduler::impl::impl(runtime& rt, store& s, journal& j, scheduler_options options)
    : rt_(rt),
      store_(s),
      journal_(j),
      options_(std::move(options)),
      changed_(rt),
      quiet_(rt),
      sweeps_(rt) {
    options_.node = schedule::plain_word(options_.node);
    if (options_.node.empty() || options_.presence_ttl < milliseconds{100} ||
        options_.sweep_interval < milliseconds{100} || options_.max_skew <= milliseconds{0})
        throw boost::system::system_error(make_error_code(errc::invalid_configuration),
                                          "scheduler options");
}

result<void> scheduler::impl::replace_jobs(std::vector<job_spec> specs) {
    std::map<std::string, job_ptr, std::less<>> wanted;
    for (auto& spec : specs) {
        if (auto good = validate(spec); !good) return good.error();
        auto shared = std::make_shared<const job_spec>(std::move(spec));
        auto fresh = std::make_shared<job_record>(rt_, store_, shared);
        if (!wanted.emplace(fresh->name(), fresh).second) return errc::already_exists;
    }
    for (auto& [name, job] : wanted) {
        if (auto old = find(name); old && old->definition == job->definition) {
            old->spec = job->spec;  // a reload may bring another closure under the same name
            job = old;
        } else {
            job->order = ++records_;
            if (old) job->succeed(*old);
        }
    }
    for (auto& [name, job] : jobs_) {
        if (const auto kept = wanted.find(name); kept != wanted.end() && kept->second == job)
            continue;
        job->removed = true;
        arm(job, std::nullopt);
        job->changed.notify();
    }
    jobs_ = std::move(wanted);
    for (auto& [name, job] : jobs_)
        if (job->generation == 0 && !job->tending) arm(job, wall_time{});
    update_member();
    changed_.notify();
    return {};
}

// The hash of the job list goes with the name: only instances that know the same jobs share them.
void scheduler::impl::update_member() {
    std::string all;
    for (const auto& [name, job] : jobs_) all += name + '\n' + job->definition + '\n';
    auto member = options_.node + '\t' + std::to_string(schedule::stable_hash(all));
    if (member == member_) return;
    if (!member_.empty()) former_member_ = member_;
    member_ = std::move(member);
    peers_.clear();
}

void scheduler::impl::arm(const job_ptr& job, std::optional<wall_time> when) {
    if (job->wake) queue_.erase({*job->wake, job->order});
    job->wake = when;
    if (when) queue_.emplace(std::pair(*when, job->order), job);
}

void scheduler::impl::spawn(task<void> work) {
    ++active_;
    boost::asio::co_spawn(rt_.executor(), guarded(shared_from_this(), std::move(work)),
                          boost::asio::detached);
}

// Keeps the insides alive as long as any coroutine of theirs.
task<void> scheduler::impl::guarded(std::shared_ptr<impl> self, task<void> work) {
    try {
        co_await std::move(work);
    } catch (const std::exception& e) {
        record(event_kind::firing_refused, "scheduler", options_.node, 0, e.what());
    }
    --self->active_;
    self->quiet_.notify();
}

// What is queued was planned by a calendar that is not believed any more, and may wait for an hour
// that will not come for an hour.
void scheduler::impl::notice_step_back(wall_time now) {
    const auto lead = now.time_since_epoch() - rt_.now().time_since_epoch();
    const bool back = calendar_lead_ && *calendar_lead_ - lead > options_.max_skew;
    calendar_lead_ = back ? lead : std::max(lead, calendar_lead_.value_or(lead));
    if (!back) return;
    for (const auto& [name, job] : jobs_)
        if (!job->tending) arm(job, wall_time{});
}

// Starts tending what is due; how long the loop may sleep: not for long, because the wall clock may
// be stepped meanwhile.
steady_time scheduler::impl::wake_due() {
    const auto now = rt_.wall_now();
    notice_step_back(now);
    while (!queue_.empty() && queue_.begin()->first.first <= now) {
        const auto job = queue_.begin()->second;
        arm(job, std::nullopt);
        if (!job->tending) spawn(tend(job));
    }
    auto nap = nanoseconds(calendar_looked_at_every);
    if (!queue_.empty()) nap = std::min(nap, nanoseconds(queue_.begin()->first.first - now));
    return rt_.now() + nap;
}

task<void> scheduler::impl::run() {
    const auto self = shared_from_this();
    auto on_push = [this](std::string_view payload) { this->on_push(payload); };
    auto on_reconnect = [this] {
        for (auto& [name, job] : jobs_) sweep_by(job, rt_.now());
    };
    listening_.push_back(store_.pushes().listen("job", on_push));
    listening_.push_back(store_.pushes().on_reconnect(on_reconnect));
    spawn(presence_loop());
    spawn(sweep_loop());
    while (!stopping_) {
        const auto seen = changed_.seen();
        const auto until = wake_due();
        co_await changed_.changed(seen, until);
    }
    while (active_ > 0) {
        const auto seen = quiet_.seen();
        co_await quiet_.changed(seen, rt_.now() + minutes{1});
    }
    listening_.clear();
}

task<void> scheduler::impl::drain(milliseconds grace) {
    const auto self = shared_from_this();
    stopping_ = true;
    changed_.notify();
    sweeps_.notify();
    for (auto& [name, job] : jobs_) job->changed.notify();
    const auto until = rt_.now() + grace;
    while (!runs_.empty() && rt_.now() < until) {
        const auto seen = quiet_.seen();
        co_await quiet_.changed(seen, until);
    }
    for (const auto& run : std::vector(runs_)) ask_to_stop(run, "interrupted");
    while (active_ > 0) {
        const auto seen = quiet_.seen();
        co_await quiet_.changed(seen, rt_.now() + minutes{1});
    }
}

task<void> scheduler::impl::presence_loop() {
    const auto beat = options_.presence_ttl / 3;
    auto heard_until = rt_.now();
    while (!stopping_) {
        schedule::presence_request request{member_, former_member_, options_.presence_ttl};
        const auto said = member_;
        const auto members = co_await schedule::say_presence(store_, std::move(request));
        if (members) {
            const auto tail = member_.substr(member_.find('\t'));
            peers_.clear();
            for (const auto& member : members.value())
                if (member.ends_with(tail))
                    peers_.push_back(member.substr(0, member.size() - tail.size()));
            if (former_member_ != member_) former_member_.clear();
            heard_until = rt_.now() + options_.presence_ttl;
        } else if (rt_.now() > heard_until) {
            peers_.clear();
        }
        const auto until = rt_.now() + beat;
        for (bool in_time = true; in_time && !stopping_ && member_ == said;) {
            const auto seen = changed_.seen();
            in_time = co_await changed_.changed(seen, until);
        }
    }
    schedule::presence_request leaving{member_, former_member_, milliseconds{0}};
    co_await schedule::say_presence(store_, std::move(leaving));
}

std::size_t scheduler::impl::rank_of(const job_ptr& job) const {
    return schedule::takeover_rank(job->name(), options_.node, peers_);
}

std::vector<job_view> scheduler::impl::jobs() const {
    std::vector<job_view> out;
    for (const auto& [name, job] : jobs_) {
        const auto* state = job->stale             ? "stale"
                            : job->generation == 0 ? "registering"
                            : job->paused          ? "paused"
                                                   : "active";
        const auto next = job->expression.next_after(job->known.last, job->spec->zone);
        out.push_back({job->spec->name, next, job->known.last, job->running, state});
    }
    return out;
}

scheduler::scheduler(runtime& rt, store& s, journal& j, scheduler_options options)
    : impl_(std::make_shared<impl>(rt, s, j, std::move(options))) {}
scheduler::~scheduler() = default;

result<void> scheduler::replace_jobs(std::vector<job_spec> specs) {
    return impl_->replace_jobs(std::move(specs));
}
task<void> scheduler::run() { return impl_->run(); }
task<void> scheduler::drain(milliseconds grace) { return impl_->drain(grace); }
std::vector<job_view> scheduler::jobs() const { return impl_->jobs(); }

}  // namespace holdfast
