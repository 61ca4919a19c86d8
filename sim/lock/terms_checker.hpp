// Holds locks to what was agreed when they were taken: the cool-down after a crash, and that who is
// asked to give one up hears of it and loses nothing.
#pragma once

#include "sim/workload.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace holdfast::sim {

class terms_checker {
public:
    /// For the locks whose names begin with the prefix.
    terms_checker(simulation::fleet& of, referee& to, std::string prefix)
        : home_(of), judge_(to), prefix_(std::move(prefix)) {}

    /// A client has the lock, and asked for these.
    void on_belief(const std::string& owner, milliseconds ttl, milliseconds cool_down) {
        agreed_[owner] = {ttl, cool_down};
    }
    void on_script(const executed& done);
    void on_event(const process& by, const event& happened);
    void on_loss();
    void heal() { healed_at_ = home_.space.now(); }

private:
    struct terms {
        milliseconds ttl, cool_down;
    };
    struct tenure {
        std::string holder;
        std::optional<steady_time> claimed_at = {};  // nothing: a grant that nobody has taken
        steady_time confirmed_at{};                  // the store granted or extended it
        bool ended = false;                          // given back, or taken away on purpose
    };

    void note_end(const executed& done, tenure& of);
    void note_holder(const executed& done, tenure& of);
    void check_cool_down(const std::string& name, const tenure& before);
    void check_asked(const executed& done, const tenure& of);
    void expect_to_hear(const std::string& name, const std::string& owner);

    simulation::fleet& home_;
    referee& judge_;
    std::string prefix_;
    std::map<std::string, tenure> tenures_;  // by lock
    std::map<std::string, terms> agreed_;    // by owner
    std::set<std::string> asked_, heard_;    // owners
    std::optional<steady_time> healed_at_;
};

}  // namespace holdfast::sim
