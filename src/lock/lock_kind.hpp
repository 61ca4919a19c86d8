// What differs between the members of the lock family: the scripts that take, keep and give back.
#pragma once

#include "lock/calls.hpp"

namespace holdfast {

/// The engine (acquire.cpp, keeper.cpp) waits, repeats, keeps alive and gives up in the same way
/// for every member; a kind says with which scripts. One object belongs to one attempt and may
/// remember what that attempt asks for. A lease without a kind is a plain mutex.
///
/// Each call is one script, safe to repeat with the same arguments. A push "g" for the attempt is
/// only a hint: the engine then asks again, and the answer counts. The arguments of a call outlive
/// it, and whoever calls holds the kind.
class lock_kind {
public:
    /// Takes what is wanted, or stands in the queue. Failures that may not be repeated end the
    /// attempt.
    virtual task<result<acquire_answer>> acquire(lock_core&, lock_attempt&) = 0;
    /// The attempt is given up: leaves the queue, or gives back what was granted at that instant.
    virtual task<result<void>> cancel(lock_core&, const lock_attempt&) = 0;
    virtual task<result<extend_answer>> extend(lock_core&, const lease&) = 0;
    /// True: released now.
    virtual task<result<bool>> release(lock_core&, const lock_name&, owner_id) = 0;
    /// Somebody broke the lease on this name on purpose.
    virtual void broken(std::string_view) {}
    /// What is got is a right that the journal tells of.
    virtual bool is_lease() const { return true; }
    /// A lost lease may still hold something that has to be given back.
    virtual bool outlives_loss() const { return false; }

    virtual ~lock_kind() = default;
};

}  // namespace holdfast
