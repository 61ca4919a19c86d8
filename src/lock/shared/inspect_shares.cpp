// A look at a name that is to be a lock with several holders.
#include "lock/shared/shared_kind.hpp"
#include "lock/survey.hpp"

namespace holdfast {

task<result<sharing_info>> inspect_shares(std::shared_ptr<lock_core> core, share::family family,
                                          lock_name name) {
    auto seen = co_await inspect_name(*core, std::move(name));
    if (!seen) co_return seen.error();
    const auto wanted = family == share::family::rw ? lock_family::rw : lock_family::semaphore;
    if (seen->mutex.held) co_return errc::busy;
    if (seen->kind != lock_family::none && seen->kind != wanted) co_return errc::wrong_type;
    co_return std::move(seen->shares);
}

}  // namespace holdfast
