// Clients that take locks with every option there is: time limits, head starts, barging, a
// cool-down; and that ask each other to give them up.
#include "sim/lock/crowd_workload.hpp"
#include "sim/lock/lock_checker.hpp"
#include "sim/lock/terms_checker.hpp"
#include "sim/lock/turn_checker.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace holdfast::sim {
namespace {

constexpr std::string_view prefix = "options-";
constexpr std::size_t workers = 3;
constexpr std::array<milliseconds, 3> ttls{seconds{5}, seconds{12}, seconds{30}};
constexpr std::array<milliseconds, 3> head_starts{seconds{1}, seconds{15}, minutes{1}};
constexpr std::array<milliseconds, 2> bargings{seconds{2}, seconds{20}};
constexpr std::array<milliseconds, 2> cool_downs{seconds{4}, seconds{25}};
constexpr nanoseconds step = seconds{2};
constexpr nanoseconds least_good_time = minutes{8};
constexpr int most_steps = 4;
// Of a typical span, random::around() makes this much at most.
constexpr int long_tail = 10;

class options_workload final : public checked_crowd<lock_checker> {
public:
    options_workload(simulation::fleet& of, referee& to, random draws)
        : checked_crowd(of, to, draws, std::string(prefix),
                        {.workers = workers,
                         .rest = seconds{20},
                         .short_rest = seconds{5},
                         .good_time = least_good_time,
                         .idle = "got no lock",
                         .unknown = {{"lock/acquire", "options: acquire without a reply"},
                                     {"lock/release", "options: release without a reply"},
                                     {"lock/revoke", "options: asked without a reply"}}}),
          turns_(of, to, std::string(prefix)),
          terms_(of, to, std::string(prefix)) {}

    void on_script(const executed& done) override {
        checked_crowd::on_script(done);
        turns_.on_script(done);
        terms_.on_script(done);
    }
    void on_event(const process& by, const event& happened) override {
        checked_crowd::on_event(by, happened);
        terms_.on_event(by, happened);
    }
    void on_loss() override {
        checked_crowd::on_loss();
        turns_.on_loss();
        terms_.on_loss();
    }
    void healed() override {
        checked_crowd::healed();
        terms_.heal();
    }
    nanoseconds owed_within() const override;

private:
    task<void> turn(process& self, locker& locks, const std::string& who) override;
    task<void> hold(process& self, locker& locks, lease got);
    task<void> ask_for(locker& locks, lock_name name);
    acquire_options some_options(process& self, bool in_order);
    template <std::size_t n>
    milliseconds one_of(const std::array<milliseconds, n>& spans) {
        return spans[draws_.below(n)];
    }

    std::uint64_t attempts_ = 0;
    turn_checker turns_;
    terms_checker terms_;
};

// Everybody may stand before this one twice, by a head start or by barging.
nanoseconds options_workload::owed_within() const {
    const auto queue = static_cast<int>(home.space.nodes().size() * workers);
    return least_good_time + 2 * queue * (most_steps * long_tail * step) + head_starts.back();
}

acquire_options options_workload::some_options(process& self, bool in_order) {
    acquire_options how;
    how.agent = "a" + std::to_string(++attempts_);
    how.give_up_at = patience(self, seconds{30});
    if (draws_.chance(300'000)) how.head_start = one_of(head_starts);
    if (draws_.chance(500'000)) how.terms.cool_down = one_of(cool_downs);
    if (!in_order && draws_.chance(700'000)) how.terms.barging = one_of(bargings);
    turn_checker::wish asked{milliseconds{0}, how.head_start};
    if (how.give_up_at != steady_time::max())
        asked.patience = std::chrono::ceil<milliseconds>(how.give_up_at - self.rt.now());
    turns_.on_wish(how.agent, asked);
    return how;
}

task<void> options_workload::turn(process& self, locker& locks, const std::string& who) {
    const bool in_order = draws_.chance(500'000);
    const lock_name name(std::string(prefix) + (in_order ? "in-order" : "barging"));
    if (!is_healed() && draws_.chance(20'000)) (void)co_await locks.force_break(name);
    if (draws_.chance(150'000)) co_await ask_for(locks, name);
    const lease_ttl ttl(one_of(ttls));
    auto how = some_options(self, in_order);
    const auto cool_down = how.terms.cool_down;
    auto asked = waits() ? locks.acquire(name, ttl, std::move(how))
                         : locks.try_acquire(name, ttl, std::move(how));
    auto got = co_await std::move(asked);
    if (!got) co_return;
    terms_.on_belief(got->owner().str(), ttl.span(), cool_down);
    got_on(who);
    co_await hold(self, locks, std::move(*got));
    if (draws_.chance(150'000)) co_await ask_for(locks, name);  // whoever has just got it
}

task<void> options_workload::ask_for(locker& locks, lock_name name) {
    (void)co_await locks.request_revoke(std::move(name));
}

task<void> options_workload::hold(process& self, locker& locks, lease got) {
    const auto belief = checker_.on_belief(host_of(self), got);
    const auto name = got.name().str();
    const auto owner = got.owner().str();
    auto held = locks.keep(std::move(got), telling(belief));
    for (auto steps = draws_.below(most_steps + 1); steps > 0; --steps) {
        co_await pass(self, step);
        if (!held.valid(self.rt.now())) break;
        if (held.revoke_requested().stop_requested()) {
            judge.mark("options: gave up when asked");
            break;
        }
        checker_.write(name, held.fence().value(), owner);
    }
    belief->over = true;
    if (!is_healed() && draws_.chance(50'000)) {  // as if it had crashed
        (void)held.detach();
        co_return;
    }
    auto returned = held.release();
    co_await give_back(std::move(returned), belief);
}

}  // namespace

std::unique_ptr<workload> make_options_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<options_workload>(of, to, draws);
}

}  // namespace holdfast::sim
