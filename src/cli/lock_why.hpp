// Why one would wait for a lock: who has it, what that one waits for, and for how long. Pure.
#pragma once

#include "cli/lock_reason.hpp"
#include "holdfast/name_info.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::cli {

/// One step of the chain: a lock, who has it, and (in the next step) what that process waits for.
struct chain_link {
    name_info lock;
    /// Of the process before in this lock's queue, from 1; 0: the first link, or it has the intent
    /// and waits to become the writer.
    std::size_t position = 0;
    std::string waiter = {};  ///< the process before
};
struct wait_chain {
    std::vector<chain_link> links;
    bool circular = false;  ///< the last holder waits for a lock that stands in the chain
    std::vector<std::string> deadlocks = {};  ///< those that a lock of the chain is part of
};

/// Follows holders by their process ("host/pid"): a process with several threads may hold one lock
/// and wait for another without the one depending on the other. Of several holders the first that
/// waits for something is followed. Deadlocks are told by the agents within the processes
/// (find_deadlocks). `all` is what the store lists.
wait_chain follow(const std::vector<name_info>& all, const name_info& first);

/// How long the n-th in line (1: the first) will wait, judged by how long it was held of late: as
/// the store counts it, else by the history. None when neither knows.
std::optional<milliseconds> estimate(const lock_info& lock, const std::vector<past_owner>& before,
                                     std::size_t place);

/// The reason in one sentence, then the queue and what the holder itself waits for.
std::string why_text(const wait_chain& chain, const asker& who,
                     const std::vector<past_owner>& before);
std::string why_json(const wait_chain& chain, const asker& who,
                     const std::vector<past_owner>& before);

}  // namespace holdfast::cli
