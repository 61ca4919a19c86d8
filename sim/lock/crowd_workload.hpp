// Clients that come back again and again: how many there are, how long they rest, who got on.
#pragma once

#include "holdfast/locker.hpp"
#include "sim/workload.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::sim {

/// What workloads of this kind differ in.
struct crowd {
    std::size_t workers = 1;   ///< on each node
    nanoseconds rest{};        ///< before each turn, typically
    nanoseconds short_rest{};  ///< the same once all is healed
    /// So much time passes once all is healed, and then until everybody has got on; none: as much
    /// as is owed.
    nanoseconds good_time{};
    std::string_view idle = {};  ///< said of one who has not got on since: "held nothing"
    /// Scripts that may end without a reply, and what is marked then.
    std::vector<std::pair<std::string_view, std::string_view>> unknown = {};
};

/// Every node has workers; each rests, takes its turn, and so on, and gets on once all is healed.
class crowd_workload : public workload {
public:
    /// One locker a node, and its workers.
    task<void> run(process& self) override;
    void on_unknown(const process&, std::string_view script) override;
    void healed() override;
    bool content() const override;
    void finish() override;

protected:
    crowd_workload(simulation::fleet& of, referee& to, random draws, crowd terms)
        : workload(of, to), draws_(draws), terms_(std::move(terms)) {}

    /// One turn of the worker `who`: "node/number", or the node's name where it has only one.
    virtual task<void> turn(process&, locker&, const std::string&) { co_return; }
    void spawn_workers(process& self, locker& locks);

    void got_on(const std::string& who) { ++done_[who]; }
    std::vector<std::string> idle_workers() const;
    bool is_healed() const noexcept { return healed_at_ != steady_time::max(); }
    steady_time healed_at() const noexcept { return healed_at_; }

    nanoseconds some(nanoseconds typical) { return draws_.around(typical); }
    /// How long somebody waits; for ever once all is healed.
    steady_time patience(process& self, nanoseconds typical = minutes{1}) {
        return is_healed() ? steady_time::max() : self.rt.now() + some(typical);
    }
    /// Whether it waits at all.
    bool waits(std::uint32_t in_a_million = 800'000) {
        return is_healed() || draws_.chance(in_a_million);
    }
    task<void> rest(process& self);
    /// Lets so much time pass, more or less.
    task<void> pass(process& self, nanoseconds typical);

    random draws_;

private:
    task<void> work(process& self, locker& locks, std::string who);
    std::string worker_name(const std::string& node, std::size_t worker) const;

    crowd terms_;
    steady_time healed_at_ = steady_time::max();
    std::map<std::string, std::uint64_t> done_;  // by worker, since all was healed
};

/// One with a checker of leases (lock_checker, share_checker), which sees all that happens.
template <class Checker>
class checked_crowd : public crowd_workload {
public:
    void on_event(const process& by, const event& happened) override {
        checker_.on_event(by, happened);
    }
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_loss() override { checker_.on_loss(); }
    void healed() override {
        checker_.heal();
        crowd_workload::healed();
    }

protected:
    /// `names`: what the names of the locks that it uses begin with.
    checked_crowd(simulation::fleet& of, referee& to, random draws, std::string names, crowd terms)
        : crowd_workload(of, to, draws, std::move(terms)), checker_(of, to, std::move(names)) {}

    /// Keep-alive whose extensions the checker hears of.
    template <class Belief>
    keep_options telling(std::shared_ptr<Belief> belief) {
        keep_options options;
        options.on_extended = [this, belief = std::move(belief)](steady_time until) {
            checker_.on_extended(*belief, until);
        };
        return options;
    }
    /// Afterwards the lease is nobody's, if the store says so.
    template <class Belief>
    task<void> give_back(task<result<bool>> returning, std::shared_ptr<Belief> belief) {
        const auto given = co_await std::move(returning);
        if (given && *given) checker_.on_released(*belief);
    }

    Checker checker_;
};

}  // namespace holdfast::sim
