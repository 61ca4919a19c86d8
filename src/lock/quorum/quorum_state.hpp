// What a quorum locker shares with its background work.
#pragma once

#include "holdfast/quorum_locker.hpp"
#include "lock/background.hpp"
#include "lock/quorum/ask_all.hpp"

#include <limits>

namespace holdfast {

/// One node as this process knows it.
struct quorum_member {
    quorum_node node;
    std::uint64_t known_in_epoch = 0;  ///< of the store; 0: not known yet
    std::string data_set = {};         ///< who it is
    steady_time counts_from = {};      ///< when its data is old enough
};

/// Which integers of a node mean yes.
struct yes_range {
    std::int64_t least = 1;
    std::int64_t most = 1;
    bool holds(std::int64_t answer) const noexcept { return answer >= least && answer <= most; }
};
/// A grant is answered with its fence.
inline constexpr yes_range any_fence{1, std::numeric_limits<std::int64_t>::max()};
inline constexpr yes_range exactly_one{};

struct quorum_tally {
    std::size_t yes = 0;
    std::size_t no = 0;  ///< answered, by a node that counts; the rest is silence
    std::int64_t highest = 0;
};

class quorum_state : public std::enable_shared_from_this<quorum_state> {
public:
    quorum_state(runtime& runtime, std::vector<quorum_node> nodes, journal& journal,
                 quorum_options how);

    std::size_t size() const noexcept { return members.size(); }
    std::size_t majority() const noexcept { return size() / 2 + 1; }

    /// Learns who the nodes are, where that is not known or a connection is new. Waits for a
    /// majority that counts, or until everybody had time to answer: one that is down costs nothing.
    /// Failure: invalid_configuration.
    task<result<void>> meet(std::string* why);
    bool counts(std::size_t node) const;
    /// Failure: invalid_configuration, as far as the nodes are known.
    result<void> all_different(std::string* why) const;

    /// One script on one node; its integer, 0 for any other reply. Each keeps the state alive.
    node_question take(const lease& wanted);
    node_question raise(const lease& wanted);
    node_question extend(const lease& held);
    node_question give_back(const lease& held);
    /// Returns when a majority has said yes, or cannot any more.
    task<node_answers> ask(node_question question, yes_range yes);
    quorum_tally count(const node_answers& answers, yes_range yes) const;

    /// As quorum_locker::extend and ::release; an extension is not recorded. `refusal`: set to
    /// taken_over or erased if a majority says so.
    task<result<lease>> extend_everywhere(lease held, std::string* why,
                                          lost_reason* refusal = nullptr);
    task<result<bool>> release_everywhere(lease held);
    void record(event_kind kind, const lease& held, std::string_view detail = {});

    /// Releases on the nodes that have not confirmed it, until they do or the lease is over.
    void release_later(lease held, node_answers known);
    /// Waited for by idle().
    void in_background(task<void> work) { background_.run(std::move(work), shared_from_this()); }
    /// Not waited for.
    void keep_running(task<void> work) { background_.run_unwaited(std::move(work)); }
    /// Work that somebody waits for, and idle() too, as long as what this returns.
    [[nodiscard]] background::counted under_way() { return background::counted(background_); }
    /// Returns when no background work is left.
    task<void> idle() { return background_.idle(); }

    /// "2 of 3 nodes must grant; a: granted; b: held by somebody else; c: the store cannot …"
    std::string report(std::string_view wish, const node_answers& answers, yes_range yes) const;

    runtime& rt;
    journal& events;
    quorum_options options;
    std::vector<quorum_member> members;
    bool closing = false;

private:
    task<result<std::int64_t>> introduce(std::size_t node);
    static task<void> insist(std::shared_ptr<quorum_state> self, std::size_t node, lease held);
    background background_;
};

}  // namespace holdfast
