// The handle of a quorum lease that is kept alive.
#include "holdfast/quorum_hold.hpp"

#include "lock/quorum/quorum_kept.hpp"

#include <utility>

namespace holdfast {

quorum_hold& quorum_hold::operator=(quorum_hold&& other) noexcept {
    if (this == &other) return *this;
    if (held_) held_->let_go();
    held_ = std::move(other.held_);
    return *this;
}

quorum_hold::~quorum_hold() {
    if (held_) held_->let_go();
}

fencing_token quorum_hold::fence() const noexcept {
    return held_ ? held_->what().fence() : fencing_token();
}

steady_time quorum_hold::valid_until() const noexcept {
    return held_ ? held_->valid_until() : steady_time{};
}

bool quorum_hold::valid(steady_time now) const noexcept {
    return held_ && held_->reason() == lost_reason::none && now < held_->valid_until();
}

std::stop_token quorum_hold::lost() const noexcept {
    return held_ ? held_->lost() : std::stop_token();
}

lost_reason quorum_hold::reason() const noexcept {
    return held_ ? held_->reason() : lost_reason::released;
}

boost::asio::any_io_executor quorum_hold::executor() const { return held_->executor(); }

task<result<bool>> quorum_hold::release() {
    if (!held_) {
        auto nothing = []() -> task<result<bool>> { co_return false; };
        return nothing();
    }
    return held_->release();
}

}  // namespace holdfast
