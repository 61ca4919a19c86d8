// Holds a lock's queue to what its waiters asked for: who is next, who may be passed over, and when
// somebody may go first.
#pragma once

#include "sim/workload.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace holdfast::sim {

/// It keeps a picture of each queue from one script to the next. A place is what the waiter asked
/// for and when the store first heard of it, by the store's clock: served first is who came first,
/// head starts counted. The terms and scores that the store keeps are not believed, a score only
/// after a loss, if it is one that the waiter had.
class turn_checker {
public:
    /// For the locks whose names begin with the prefix.
    turn_checker(simulation::fleet& of, referee& to, std::string prefix)
        : home_(of), judge_(to), prefix_(std::move(prefix)) {}

    struct wish {
        milliseconds patience{0};  ///< 0: for ever
        milliseconds head_start{0};
    };
    /// Somebody is about to ask, under this name of its own (acquire_options::agent), for this.
    void on_wish(const std::string& agent, wish asked) { wishes_[agent] = asked; }
    void on_script(const executed& done);
    /// What is left is the picture.
    void on_loss();

private:
    /// Who it is, as its member of the queue says, and what it wishes.
    struct waiter {
        std::string owner, channel;
        std::int64_t patience_us = 0, head_start_us = 0;
        /// Its places, each time it came anew: the store may go back to an earlier one.
        std::set<std::int64_t> places = {};
    };
    using queue = std::map<std::string, std::int64_t>;  // members and their places
    struct line {
        std::string key = {}, holder = {};
        queue waiting = {};
        std::optional<std::int64_t> ends_ms = {};  // all of it, unless somebody asks before
        std::optional<std::int64_t> holder_ends_ms = {};
        std::map<std::string, waiter> known = {};
    };
    /// A script that may have changed who holds the lock or who waits for it.
    struct change {
        const executed& done;
        line& of;
        std::int64_t now_us;
        bool asks;
        std::string member = {};  // the caller's, if it waits, waited or asks
        queue before = {};
        std::string winner = {};  // the member that has just been given the lock
    };

    waiter read(std::string_view member);
    void join(change& what);
    queue read_queue(line& of);
    void look(line& of, const std::string& name);
    void look_at_holder(line& of, const std::string& name);
    void forget_what_ended();
    void find_winner(change& what);
    void check_gone(const change& what);
    void check_winner(const change& what);
    void check_left_free(const change& what);
    bool may_pass(const change& what, const waiter& over, std::int64_t place);
    std::int64_t clock_us() const;
    bool waits_no_more(const waiter& who, std::int64_t place);

    simulation::fleet& home_;
    referee& judge_;
    std::string prefix_;
    std::map<std::string, wish> wishes_;
    std::map<std::string, line> lines_;
};

}  // namespace holdfast::sim
