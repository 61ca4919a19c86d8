// Holds reader-writer locks and semaphores to their promises: who may hold beside whom, rising
// fences, first come first served.
#pragma once

#include "sim/lock/believer.hpp"
#include "sim/lock/fence_ledger.hpp"
#include "sim/lock/share_view.hpp"
#include "sim/workload.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::sim {

/// A believer with the mode and the weight of its share.
struct sharer : believer {
    sharer(node& on, lease what, char as, std::uint32_t permits)
        : believer(on, std::move(what)), mode(as), weight(permits) {}
    char mode;
    std::uint32_t weight;
};

/// For the locks whose names begin with the prefix.
class share_checker {
public:
    share_checker(simulation::fleet& of, referee& to, std::string prefix)
        : home_(of), judge_(to), prefix_(std::move(prefix)) {}

    /// A client was told that it holds a share.
    std::shared_ptr<sharer> on_belief(node& by, const lease& what, char mode, std::uint32_t weight);
    void on_extended(sharer& who, steady_time valid_until);
    /// An intent became the right to write.
    void on_upgraded(sharer& who, const lease& as_writer);
    /// The store said that it took the share back.
    void on_released(const sharer& who);
    void on_script(const executed& done);
    void on_loss();
    void on_event(const process& by, const event& happened);
    void heal() { healed_at_ = home_.space.now(); }
    /// What the lock protects: compares fences. False: refused.
    bool write(const std::string& name, std::uint64_t fence, const std::string& owner) {
        return state_of(name).fences.write(fence, owner);
    }

private:
    struct known_grant {
        std::uint64_t fence = 0;
        std::uint64_t let_in = 0;    // the fence of then
        std::uint32_t capacity = 0;  // of then
        steady_time at{};
        std::uint64_t losses = 0;
    };
    struct lock_state {
        explicit lock_state(fence_ledger ledger) : fences(std::move(ledger)) {}
        fence_ledger fences;
        share_view seen;                            // after the last script
        std::map<std::string, known_grant> grants;  // all: a clock that goes back revives one
        std::vector<std::shared_ptr<sharer>> sharers;
    };

    share_view shares(const std::string& name) const;
    lock_state& state_of(const std::string& name);
    void check_beside(const lock_state& of, const sharer& fresh);
    void check_sum(const lock_state& of, const sharer& fresh);
    void check_with_store(const sharer& who);
    void check_holders(const std::string& name, const share_view& now, bool granted);
    void check_order(const std::string& name, const lock_state& of, const share_view& now,
                     const share_holder& granted, const executed& done);
    void check_idle(const executed& done, const share_view& now);

    simulation::fleet& home_;
    referee& judge_;
    std::string prefix_;
    std::map<std::string, lock_state> locks_;
    std::optional<steady_time> healed_at_;
};

}  // namespace holdfast::sim
