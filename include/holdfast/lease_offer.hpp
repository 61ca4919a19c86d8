// A lease on its way to another process: text that one writes and the other accepts.
#pragma once

#include "holdfast/lease.hpp"

#include <string>
#include <string_view>

namespace holdfast {

/// Names one grant so that another process can take it over with locker::accept. Whoever has the
/// text can: send it over a channel you would send a password over. It changes nothing by itself;
/// the offering process keeps the lease, and keeps it alive, until somebody accepts.
///
/// What moves is a mutex. A leader's lease becomes one: whoever accepts it has the lock and leads
/// only once it has campaigned. The leases of the other members cannot be accepted (lease_lost).
class lease_offer {
public:
    /// Precondition: held.holds_something().
    explicit lease_offer(const lease& held);
    /// Reads back what str() gave. Failure: invalid_argument.
    static result<lease_offer> parse(std::string_view text);

    /// One line of printable text unless the lock's name has other characters.
    std::string str() const;

    const lock_name& name() const noexcept { return name_; }
    owner_id owner() const noexcept { return owner_; }
    fencing_token fence() const noexcept { return fence_; }
    lease_ttl ttl() const noexcept { return ttl_; }
    const lock_terms& terms() const noexcept { return terms_; }

private:
    lease_offer(lock_name name, owner_id owner, fencing_token fence, lease_ttl ttl,
                lock_terms terms)
        : name_(std::move(name)), owner_(owner), fence_(fence), ttl_(ttl), terms_(terms) {}

    lock_name name_;
    owner_id owner_;
    fencing_token fence_;
    lease_ttl ttl_;
    lock_terms terms_;
};

}  // namespace holdfast
