// The kind of several locks taken as one.
#pragma once

#include "lock/lock_kind.hpp"

#include <mutex>
#include <vector>

namespace holdfast {

/// One attempt and what it was granted. Its lease bears the first name.
class multi_grant final : public lock_kind {
public:
    explicit multi_grant(std::vector<lock_name> names)
        : names_(std::move(names)), fences_(names_.size()) {}

    task<result<acquire_answer>> acquire(lock_core&, lock_attempt&) override;
    task<result<void>> cancel(lock_core&, const lock_attempt&) override;
    task<result<extend_answer>> extend(lock_core&, const lease&) override;
    task<result<bool>> release(lock_core&, const lock_name&, owner_id) override;
    void broken(std::string_view name) override;
    bool outlives_loss() const override { return true; }

    const std::vector<lock_name>& names() const noexcept { return names_; }
    const std::vector<fencing_token>& fences() const noexcept { return fences_; }
    std::vector<lock_name> lost_names() const;

private:
    /// What is given up: by default all that is held, under whatever fence.
    struct leaving {
        leaving() = default;
        std::string member = {};               // in the queues; empty: only grants
        std::string ticket = {};               // of the member; empty: any
        std::vector<std::string> fences = {};  // of the grants; empty: any
    };
    /// What the store answered to an attempt that lost a part.
    static leaving torn_from(const reply& answer, std::string member);

    script_keys keys(const lock_core&) const;
    void add_floors(script_args&, const lock_core&) const;
    void note_lost(const lock_name& name);
    /// Asks until the attempt stands in all queues or holds all names, or as the store fails.
    task<result<reply>> ask(lock_core&, lock_attempt&);
    task<result<bool>> leave(lock_core& core, owner_id owner, leaving what);

    const std::vector<lock_name> names_;
    std::vector<fencing_token> fences_;  // constant once granted
    mutable std::mutex guard_;
    std::vector<lock_name> lost_;
};

}  // namespace holdfast
