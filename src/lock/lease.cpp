// Names of the reasons, and the handle of a lease that is kept alive.
#include "holdfast/lease.hpp"

#include "holdfast/scoped_lease.hpp"
#include "lock/held_lease.hpp"

namespace holdfast {

std::string_view name_of(lost_reason why) noexcept {
    switch (why) {
        case lost_reason::none: return "none";
        case lost_reason::released: return "released";
        case lost_reason::expired_locally: return "expired_locally";
        case lost_reason::taken_over: return "taken_over";
        case lost_reason::broken: return "broken";
        case lost_reason::transferred: return "transferred";
        case lost_reason::erased: return "erased";
    }
    return "unknown";
}

scoped_lease& scoped_lease::operator=(scoped_lease&& other) noexcept {
    if (this == &other) return *this;
    if (held_) held_->let_go();
    held_ = std::move(other.held_);
    return *this;
}

scoped_lease::~scoped_lease() {
    if (held_) held_->let_go();
}

const lock_name& scoped_lease::name() const noexcept { return held_->what().name(); }

fencing_token scoped_lease::fence() const noexcept { return held_->what().fence(); }

steady_time scoped_lease::valid_until() const noexcept {
    return held_ ? held_->valid_until() : steady_time{};
}

bool scoped_lease::valid(steady_time now) const noexcept {
    return held_ && held_->reason() == lost_reason::none && now < held_->valid_until();
}

std::stop_token scoped_lease::lost() const noexcept {
    return held_ ? held_->lost() : std::stop_token();
}

lost_reason scoped_lease::reason() const noexcept {
    return held_ ? held_->reason() : lost_reason::released;
}

lease scoped_lease::current() const { return held_ ? held_->current() : lease(); }

lease scoped_lease::detach() {
    const auto held = std::exchange(held_, nullptr);
    return held ? held->forget() : lease();
}

std::stop_token scoped_lease::revoke_requested() const noexcept {
    return held_ ? held_->revoke_requested() : std::stop_token();
}

lease_offer scoped_lease::offer() const { return lease_offer(held_->what()); }

boost::asio::any_io_executor scoped_lease::executor() const { return held_->executor(); }

task<result<bool>> scoped_lease::release() {
    if (!held_) {
        auto nothing = []() -> task<result<bool>> { co_return false; };
        return nothing();
    }
    return held_->release();
}

}  // namespace holdfast
