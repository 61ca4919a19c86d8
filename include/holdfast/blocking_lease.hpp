// A kept lease for programs without an event loop: any thread may hold it, move it, give it back.
#pragma once

#include "holdfast/client.hpp"
#include "holdfast/scoped_lease.hpp"

#include <memory>
#include <utility>

namespace holdfast {

/// A scoped_lease whose home is a client's thread. It is extended until released, lost or
/// destroyed; lost() and reason() are scoped_lease's. The client must outlive it.
///
/// The destructor does no I/O: the lease is given back in the background.
/// Thread rule: one thread at a time; lost() and what it returns from any.
class [[nodiscard]] blocking_lease {
public:
    /// Holds nothing.
    blocking_lease() = default;
    blocking_lease(client& home, std::shared_ptr<scoped_lease> held)
        : home_(&home), held_(std::move(held)) {}
    blocking_lease(blocking_lease&& other) noexcept : home_(other.home_) {
        held_.swap(other.held_);
    }
    blocking_lease& operator=(blocking_lease&& other) noexcept;
    ~blocking_lease();

    /// Runs `how(locker)`, which gives task<result<lease>>, on the client's thread, and keeps what
    /// it gets.
    template <class Acquire>
    static result<blocking_lease> take(client& home, Acquire how) {
        auto kept = home.run(
            [how = std::move(how)](locker& locks) { return keep_what_comes(locks, how(locks)); });
        if (!kept) return kept.error();
        return blocking_lease(home, std::move(*kept));
    }

    bool holds_something() const noexcept { return held_ != nullptr; }
    explicit operator bool() const noexcept { return holds_something(); }
    /// Without a hold: fence 0, a token that never fires, `released`.
    fencing_token fence() const noexcept;
    std::stop_token lost() const noexcept;
    lost_reason reason() const noexcept;
    /// By the client's clock; false without a hold.
    bool valid() const;
    /// For calls that want the plain lease; a copy.
    lease current() const;
    const std::shared_ptr<scoped_lease>& kept() const noexcept { return held_; }

    /// Gives it back and waits for the answer. True: it was held until now; false: it had been
    /// lost, or nothing is held. Throws boost::system::system_error when the store did not answer
    /// (the release then goes on in the background). Nothing is held afterwards in any case.
    bool release();

private:
    using kept_lease = result<std::shared_ptr<scoped_lease>>;
    static task<kept_lease> keep_what_comes(locker& locks, task<result<lease>> acquiring);
    void drop() noexcept;

    client* home_ = nullptr;
    std::shared_ptr<scoped_lease> held_;  // destroyed on the client's thread
};

}  // namespace holdfast
