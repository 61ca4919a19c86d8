// What the threads of this process hold of one lock object, for those whose holds are leases.
#pragma once

#include "holdfast/blocking_lease.hpp"
#include "lock/held_by_thread.hpp"

#include <utility>

namespace holdfast {

class thread_leases {
public:
    /// As the calling thread's, if it holds something; whether it does.
    bool keep(blocking_lease held) {
        if (!held) return false;
        leases_.keep(std::move(held));
        return true;
    }
    blocking_lease take() { return leases_.take(); }
    /// As an unlock() must not fail: a store that does not answer leaves the rest to the background
    /// and to the ttl.
    void give_back() {
        auto held = leases_.take();
        try {
            held.release();
        } catch (const boost::system::system_error&) {
        }
    }
    template <class Read>
    auto read(Read how) const {
        return leases_.read(std::move(how));
    }
    fencing_token fence() const {
        return read([](const blocking_lease& held) { return held.fence(); });
    }
    std::stop_token lost() const {
        return read([](const blocking_lease& held) { return held.lost(); });
    }
    lost_reason reason() const {
        return read([](const blocking_lease& held) { return held.reason(); });
    }

private:
    held_by_thread<blocking_lease> leases_;
};

}  // namespace holdfast
