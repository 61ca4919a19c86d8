// The kind of locks with several holders: reader-writer locks and semaphores.
#pragma once

#include "holdfast/sharing_info.hpp"
#include "lock/lock_kind.hpp"
#include "lock/side_key_care.hpp"

#include <optional>
#include <string>

namespace holdfast {

/// What one attempt wants.
struct share {
    enum class family { rw, semaphore } of;
    char mode;  ///< r, u, w or s
    std::uint32_t weight = 1;
    std::optional<std::uint32_t> initial_capacity = {};
    bool all_free = false;  ///< of a semaphore: as many as are free, instead of `weight`
};

class shared_kind : public lock_kind {
public:
    explicit shared_kind(share wanted) : wanted_(wanted) {}

    task<result<acquire_answer>> acquire(lock_core&, lock_attempt&) override;
    task<result<void>> cancel(lock_core&, const lock_attempt&) override;
    task<result<extend_answer>> extend(lock_core&, const lease&) override;
    task<result<bool>> release(lock_core&, const lock_name&, owner_id) override;

    /// How the attempt stands in the queue and among the holders (holders.lua).
    std::string member(const lock_attempt&) const;
    /// Once granted: how many permits.
    std::uint32_t weight() const noexcept { return wanted_.weight; }

private:
    task<result<bool>> leave(lock_core& core, lock_name name, owner_id owner, std::string member);

    share wanted_;
    side_key_care care_;  // of what is said about the holders
};

/// KEYS of every script of the family.
script_keys keys_of_share(share::family, const lock_core&, const lock_name&);

task<result<sharing_info>> inspect_shares(std::shared_ptr<lock_core>, share::family, lock_name);

}  // namespace holdfast
