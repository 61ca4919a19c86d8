// What members of the family have in common that wait for an event and then hold nothing.
#pragma once

#include "lock/lock_kind.hpp"

namespace holdfast {

/// There is nothing to keep alive and nothing to give back.
class unleased_kind : public lock_kind {
public:
    task<result<extend_answer>> extend(lock_core&, const lease&) override {
        co_return extend_answer::erased;
    }
    task<result<bool>> release(lock_core&, const lock_name&, owner_id) override { co_return false; }
    bool is_lease() const override { return false; }
};

}  // namespace holdfast
