// Resting, taking turns, and who is told off in the end.
#include "sim/lock/crowd_workload.hpp"

namespace holdfast::sim {

std::string crowd_workload::worker_name(const std::string& node, std::size_t worker) const {
    return terms_.workers == 1 ? node : node + "/" + std::to_string(worker);
}

task<void> crowd_workload::run(process& self) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    spawn_workers(self, locks);
    co_await self.rt.sleep_until(steady_time::max());
}

void crowd_workload::spawn_workers(process& self, locker& locks) {
    for (std::size_t i = 0; i < terms_.workers; ++i)
        host_of(self).spawn(work(self, locks, worker_name(self.node, i)));
}

task<void> crowd_workload::work(process& self, locker& locks, std::string who) {
    while (true) {
        co_await rest(self);
        co_await turn(self, locks, who);
    }
}

task<void> crowd_workload::rest(process& self) {
    co_await pass(self, is_healed() ? terms_.short_rest : terms_.rest);
    co_await until_busy(self);
}

task<void> crowd_workload::pass(process& self, nanoseconds typical) {
    co_await self.rt.sleep_until(self.rt.now() + some(typical));
}

void crowd_workload::on_unknown(const process&, std::string_view script) {
    for (const auto& [asked, mark] : terms_.unknown)
        if (asked == script) judge.mark(mark);
}

void crowd_workload::healed() {
    healed_at_ = now();
    done_.clear();
}

std::vector<std::string> crowd_workload::idle_workers() const {
    std::vector<std::string> idle;
    for (const auto& one : home.space.nodes())
        for (std::size_t i = 0; i < terms_.workers; ++i)
            if (auto who = worker_name(one->name(), i); !done_.contains(who))
                idle.push_back(std::move(who));
    return idle;
}

bool crowd_workload::content() const {
    return terms_.good_time > nanoseconds{0} && now() - healed_at_ > terms_.good_time &&
           idle_workers().empty();
}

void crowd_workload::finish() {
    for (const auto& who : idle_workers())
        judge.fail("progress",
                   who + " " + std::string(terms_.idle) + " since everything was healed");
}

}  // namespace holdfast::sim
