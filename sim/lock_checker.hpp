// Holds locks to their promises: one believer at a time, rising fences, no lock idle over a queue.
#pragma once

#include "holdfast/lease.hpp"
#include "sim/store_view.hpp"
#include "sim/workload.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::sim {

/// Somebody who thinks that a lock is theirs.
struct believer {
    believer(node& on, lease what)
        : host(on), incarnation(on.incarnation()), claim(std::move(what)) {}

    bool exists() const { return !host.crashed() && host.incarnation() == incarnation; }
    bool believes() const { return exists() && !over && claim.valid(host.now()); }

    /// Whether the store has forgotten, or its clock jumped, since it last confirmed the lease.
    bool disturbed(const store_process& server) const {
        const auto ttl = claim.ttl().span();
        const auto asked_at = claim.valid_until() + drift_margin(ttl) - ttl;
        return server.disturbed_at() >= host.clock().when(asked_at);
    }

    node& host;
    std::uint64_t incarnation;
    lease claim;        ///< as last confirmed
    bool over = false;  ///< it knows that it is over
};

class lock_checker {
public:
    lock_checker(simulation::fleet& of, referee& to) : home_(of), judge_(to) {}

    /// A client was told that it holds the lock.
    std::shared_ptr<believer> on_belief(node& by, const lease& what);
    /// It was told a later end; on_kept: by its keep-alive, which does so only while it is valid.
    void on_extended(believer& who, steady_time valid_until);
    void on_kept(believer& who, steady_time valid_until);
    /// A live process looks: it must have been told once its lease was over. `told_late` is what
    /// this said at the look before, some time ago; it says whether the telling is late now.
    bool check_told(const believer& who, bool told, bool told_late);
    /// The store said that it took the lock back: nothing of it may be left.
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
        std::string holder;
        std::uint64_t highest = 0;     // fence of any grant
        std::uint64_t void_below = 0;  // fences up to here were issued again, and excusably so
        std::uint64_t losses = 0;
        std::map<std::string, std::uint64_t> broken = {};  // owner: losses when it was thrown out
        steady_time granted_at{};
        std::uint64_t written = 0;  // fence of the newest accepted write
        std::string written_by;
        std::vector<std::shared_ptr<believer>> believers;
    };

    void check_alone(const lock_state& of, const believer& fresh);
    void check_with_store(const believer& who);
    void check_grant(const executed& done, lock_state& of);
    void raise_fence(lock_state& of, const std::string& name, std::uint64_t fence);
    void check_queue(const executed& done);
    void on_broken(const executed& done, lock_state& of);
    void check_extended(const executed& done);
    bool was_broken(const believer& who) const;

    simulation::fleet& home_;
    referee& judge_;
    std::map<std::string, lock_state> locks_;
    std::optional<steady_time> healed_at_;
};

}  // namespace holdfast::sim
