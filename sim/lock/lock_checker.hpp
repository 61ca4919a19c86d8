// Holds locks to their promises: one believer at a time, rising fences, no lock idle over a queue.
#pragma once

#include "sim/lock/believer.hpp"
#include "sim/lock/fence_ledger.hpp"
#include "sim/workload.hpp"
#include "sim/world/store_view.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::sim {

class lock_checker {
public:
    /// For the locks whose names begin with the prefix.
    lock_checker(simulation::fleet& of, referee& to, std::string prefix)
        : home_(of), judge_(to), prefix_(std::move(prefix)) {}

    /// A client was told that it holds the lock.
    std::shared_ptr<believer> on_belief(node& by, const lease& what);
    /// It was told a later end; on_kept: by its keep-alive, which does so only while it is valid.
    void on_extended(believer& who, steady_time valid_until);
    void on_kept(believer& who, steady_time valid_until);
    /// A live process looks: it must have been told once its lease was over. `told_late` is what
    /// this said at the look before, some time ago; it says whether the telling is late now.
    bool check_told(const believer& who, bool told, bool told_late);
    /// Who believes has it in the store, for as long as it believes.
    void check_with_store(const believer& who);
    /// Somebody takes it away on purpose: whoever believes may be wrong until it is told.
    void on_thrown_out(const std::string& name, const std::string& owner);
    /// The store said that it took the lock back: nothing of it may be left. What a late copy of
    /// the question has been granted since is another grant.
    void on_released(const believer& who);
    void on_script(const executed& done);
    /// Whoever holds a lock now is no new holder: it is one from before what was lost.
    void on_loss();
    void on_event(const process& by, const event& happened);
    void heal() { healed_at_ = home_.space.now(); }

    /// The thing that the lock protects: compares fences. False: refused.
    bool write(const std::string& name, std::uint64_t fence, const std::string& owner);

private:
    struct lock_state {
        explicit lock_state(fence_ledger ledger) : fences(std::move(ledger)) {}
        fence_ledger fences;
        std::string holder;
        // All ever, by owner: what was lost, expired or broken may come back with its old fence.
        std::map<std::string, std::set<std::uint64_t>> grants;
        steady_time granted_at{};
        std::vector<std::shared_ptr<believer>> believers;
        // Owners thrown out, who may not have heard of it yet, by the losses at that time.
        std::map<std::string, std::uint64_t> broken = {};
    };

    lock_state& state_of(const std::string& name);
    void check_alone(const lock_state& of, const believer& fresh);
    void check_grant(const std::string& name, const std::string& side_key);
    void check_reserved(const executed& done);
    void check_broken(const executed& done);
    void check_extended(const executed& done);
    bool was_broken(const believer& who) const;
    void check_queue(const executed& done);

    simulation::fleet& home_;
    referee& judge_;
    std::string prefix_;
    std::map<std::string, lock_state> locks_;
    std::optional<steady_time> healed_at_;
};

}  // namespace holdfast::sim
