// One branch a member of the family; what stands before one in the queue is said for all of them.
#include "cli/lock_reason.hpp"

#include "base/duration.hpp"
#include "cli/lock_print.hpp"

#include <algorithm>
#include <optional>

namespace holdfast::cli {
namespace {

std::string count_text(std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string for_another(const std::optional<milliseconds>& span) {
    return span ? ", for another " + format_duration(std::max(*span, milliseconds{0})) +
                      " unless extended"
                : ", without an end";
}

std::string since(const std::optional<milliseconds>& span) {
    return span ? " since " + format_duration(*span) : "";
}

/// Where one stands among those who wait.
struct line {
    std::uint64_t ahead = 0;
    std::string before = {};  ///< who stands directly before
    bool standing = false;    ///< in the queue already
};

template <class Party>
std::optional<line> place_of(const std::vector<Party>& queue, std::uint64_t length,
                             const asker& who) {
    if (who.owner.empty()) return line{length, length == 0 ? "" : queue.back().who};
    for (std::size_t i = 0; i < queue.size(); ++i)
        if (queue[i].owner == who.owner) return line{i, i == 0 ? "" : queue[i - 1].who, true};
    return std::nullopt;
}

wait_reason no_such_waiter(const name_info& lock, const asker& who) {
    return {"not_waiting", who.owner + " does not wait for " + lock.name};
}

// "…, and 2 wait before you, the last of them vm/46"
std::string behind(const line& at, const asker& who) {
    if (at.ahead == 0) return "";
    const auto whom = who.owner.empty() ? "you" : "it";
    if (at.ahead == 1) return ", and " + at.before + " waits before " + whom;
    return ", and " + std::to_string(at.ahead) + " wait before " + whom + ", the last of them " +
           at.before;
}

wait_reason mutex_reason(const name_info& lock, const asker& who) {
    const auto& seen = lock.mutex;
    const auto at = place_of(seen.queue, seen.queue_length, who);
    if (!at) return no_such_waiter(lock, who);
    if (!seen.held && at->ahead == 0) return {"free", "nobody has " + lock.name};
    wait_reason why{"held", "", at->ahead + 1};
    if (!seen.held) {
        why.code = "queued";
        why.sentence = "nobody has " + lock.name;
    } else if (seen.foreign) {
        why.code = "foreign_holder";
        why.sentence = "another client has " + lock.name + for_another(seen.ends_in) +
                       ", and says nothing when it goes";
    } else if (seen.cools_down()) {
        why.code = "cool_down";
        why.sentence = "the lease of " + seen.who + " on " + lock.name +
                       " is over, and nobody gets it during the cool-down, for another " +
                       format_duration(*seen.ends_in);
    } else {
        why.sentence =
            seen.who + " has " + lock.name + since(seen.held_for) + for_another(seen.ends_in);
    }
    why.sentence += behind(*at, who);
    return why;
}

// The first waiter, for those who would fit but for it.
std::string head_text(const sharing_party& head) {
    switch (head.mode) {
        case 'w': return head.who + " waits before to write";
        case 's':
            return head.who + " waits before for " + count_text(head.weight, "permit", "permits");
        default: return head.who + " waits before to read";
    }
}

const sharing_party* holder_in_mode(const sharing_info& seen, char mode) {
    const auto found = std::ranges::find(seen.holders, mode, &sharing_party::mode);
    return found == seen.holders.end() ? nullptr : &*found;
}

std::string others_read(const name_info& lock) {
    const auto& holders = lock.shares.holders;
    if (lock.shares.holder_count == 1)
        return holders.front().who + " reads " + lock.name + for_another(holders.front().ends_in);
    return count_text(lock.shares.holder_count, "reads ", "read ") + lock.name +
           ", the last lease ends in " +
           format_duration(std::max(holders.back().ends_in, milliseconds{0})) + " unless extended";
}

wait_reason rw_reason(const name_info& lock, const asker& who) {
    const auto& seen = lock.shares;
    const auto at = place_of(seen.queue, seen.queue_length, who);
    if (!at) return no_such_waiter(lock, who);
    const char wanted = at->standing ? seen.queue[at->ahead].mode : who.shared ? 'r' : 'w';
    wait_reason why{"", "", at->ahead + 1};
    if (const auto* writer = holder_in_mode(seen, 'w')) {
        why.code = "writer";
        why.sentence = writer->who + " writes " + lock.name + for_another(writer->ends_in);
    } else if (const auto* next = holder_in_mode(seen, 'U')) {
        why.code = "upgrade";
        why.sentence = next->who + " waits to write " + lock.name +
                       " until its readers have left, and nobody is let in before";
    } else if (const auto* intent = holder_in_mode(seen, 'u');
               seen.holder_count > 0 && (wanted == 'w' || (wanted == 'u' && intent))) {
        why.code = intent ? "intent" : "readers";
        why.sentence = others_read(lock) + (intent ? " (" + intent->who + " means to write)" : "");
    } else if (at->ahead > 0) {
        why.code = "queued";
        why.sentence = "readers may share " + lock.name + ", but " + head_text(seen.queue.front());
        if (at->ahead == 1) return why;
    } else {
        return {"free", seen.holder_count == 0 ? "nobody has " + lock.name
                                               : others_read(lock) + ", and one more may"};
    }
    why.sentence += behind(*at, who);
    return why;
}

wait_reason semaphore_reason(const name_info& lock, asker who) {
    const auto& seen = lock.shares;
    if (!seen.capacity) return {"no_capacity", "no capacity was set for " + lock.name};
    const auto at = place_of(seen.queue, seen.queue_length, who);
    if (!at) return no_such_waiter(lock, who);
    if (at->standing) who.permits = seen.queue[at->ahead].weight;
    const auto wanted = count_text(who.permits, "permit", "permits");
    if (who.permits > *seen.capacity)
        return {"capacity", wanted + " of " + lock.name + " are never to be had; there are " +
                                std::to_string(*seen.capacity)};
    const auto free = *seen.capacity - std::min<std::uint64_t>(seen.in_use, *seen.capacity);
    const auto counts = std::to_string(free) + " of " +
                        count_text(*seen.capacity, "permit", "permits") + " of " + lock.name +
                        (free == 1 ? " is free" : " are free");
    if (at->ahead > 0 && free >= who.permits)
        return {"queued",
                counts + ", but " + head_text(seen.queue.front()) +
                    (at->ahead > 1 ? behind(*at, who) : ""),
                at->ahead + 1};
    if (free >= who.permits) return {"free", counts};
    auto sentence = counts + " and " + std::to_string(who.permits) + " wanted";
    if (!seen.holders.empty())
        sentence += "; " + count_text(seen.holder_count, "holds", "hold") +
                    " the others, the first lease ends in " +
                    format_duration(std::max(seen.holders.front().ends_in, milliseconds{0})) +
                    " unless extended";
    return {"permits", sentence + behind(*at, who), at->ahead + 1};
}

wait_reason meeting_reason(const name_info& lock) {
    const auto& met = lock.meeting;
    const auto counts = std::to_string(met.missing) + " of " + std::to_string(met.wanted);
    if (lock.kind == lock_family::barrier)
        return {"barrier", counts + " parties have not arrived at " + lock.name +
                               ", in its generation " + std::to_string(met.generation)};
    if (met.missing == 0) return {"free", "the latch " + lock.name + " is open"};
    return {"latch", counts + " counts of the latch " + lock.name + " are still to come"};
}

}  // namespace

wait_reason why_wait(const name_info& lock, const asker& who) {
    switch (lock.kind) {
        case lock_family::rw: return rw_reason(lock, who);
        case lock_family::semaphore: return semaphore_reason(lock, who);
        case lock_family::latch:
        case lock_family::barrier: return meeting_reason(lock);
        default: return mutex_reason(lock, who);
    }
}

}  // namespace holdfast::cli
