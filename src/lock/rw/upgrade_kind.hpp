// The attempt of an intent holder to become the writer.
#pragma once

#include "lock/shared/shared_kind.hpp"

namespace holdfast {

/// The attempt has an id of its own, so that giving it up late cannot touch a later one.
class upgrade_kind final : public shared_kind {
public:
    explicit upgrade_kind(owner_id holder)
        : shared_kind({share::family::rw, 'w'}), holder_(holder) {}

    task<result<acquire_answer>> acquire(lock_core&, lock_attempt&) override;
    task<result<void>> cancel(lock_core&, const lock_attempt&) override;

private:
    owner_id holder_;
};

}  // namespace holdfast
