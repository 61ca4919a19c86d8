// When an extension also keeps a key beside the lock, which the store would forget. Pure.
#pragma once

#include "holdfast/time.hpp"

namespace holdfast {

/// Extensions touch the lock's own key only, because a script of two keys is refused while their
/// cluster slot is being moved. What stands beside the lock is kept for a day by whoever wrote it,
/// and again every few hours by an extension that takes both keys.
class side_key_care {
public:
    /// Whether this extension is one of those. The first look counts as the writing.
    bool due(steady_time now) noexcept {
        if (at_ == steady_time{}) at_ = now + pause;
        return now >= at_;
    }
    void done(steady_time now, bool kept) noexcept { at_ = now + (kept ? pause : retry); }

private:
    static constexpr nanoseconds pause = hours{4};
    static constexpr nanoseconds retry = minutes{1};
    steady_time at_{};
};

}  // namespace holdfast
