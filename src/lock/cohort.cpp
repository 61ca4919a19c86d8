// The handles of a cohort: how a coroutine and how a thread waits.
#include "holdfast/cohort.hpp"

#include "lock/cohort_state.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/system/system_error.hpp>

#include <semaphore>

namespace holdfast {
namespace {

constexpr milliseconds longest_span = hours{24};
constexpr nanoseconds longest_wait = forever / 2;  // further the clocks do not count

result<cohort_turn> as_turn(std::shared_ptr<cohort_state> state,
                            const std::optional<result<fencing_token>>& outcome) {
    if (!outcome) return errc::timed_out;
    if (!*outcome) return outcome->error();
    return cohort_turn(std::move(state), **outcome);
}

// Runs on the locker's thread; waiters may be woken from any.
task<result<cohort_turn>> stand_in_line(std::shared_ptr<cohort_state> state,
                                        steady_time give_up_at) {
    const auto executor = state->rt().executor();
    const auto event = std::make_shared<wake_event>(executor);
    const auto waiter = std::make_shared<cohort_waiter>();
    const auto ready = std::make_shared<bool>(false);
    waiter->give_up_at = give_up_at;
    waiter->wake = [event, ready, executor] {
        boost::asio::dispatch(executor, [event, ready] {
            *ready = true;
            event->notify_all();
        });
    };
    state->join(waiter);
    try {
        while (!*ready && give_up_at == steady_time::max()) co_await event->wait();
        while (!*ready && state->rt().now() < give_up_at)
            co_await event->wait_until(state->rt(), give_up_at);
    } catch (const boost::system::system_error& error) {
        const auto outcome = state->leave(waiter);
        if (outcome && *outcome) state->end_turn();
        if (error.code() != boost::asio::error::operation_aborted) throw;
        co_return errc::cancelled;
    }
    co_return as_turn(state, state->leave(waiter));
}

}  // namespace

cohort_turn& cohort_turn::operator=(cohort_turn&& other) noexcept {
    if (this == &other) return *this;
    if (of_) of_->end_turn();
    of_ = std::move(other.of_);
    fence_ = std::exchange(other.fence_, {});
    return *this;
}

cohort_turn::~cohort_turn() {
    if (of_) of_->end_turn();
}

std::stop_token cohort_turn::lost() const { return of_ ? of_->lost() : std::stop_token(); }

cohort::cohort(locker& locks, lock_name name, lease_ttl ttl, cohort_options options) {
    if (options.passes < 1 || options.passes > 1000 || options.span < milliseconds{0} ||
        options.span > longest_span)
        throw boost::system::system_error(make_error_code(errc::invalid_argument),
                                          "the budget of a cohort");
    state_ = std::make_shared<cohort_state>(locks, locks.core_, std::move(name), ttl, options);
}

cohort::~cohort() = default;

boost::asio::any_io_executor cohort::executor() const { return state_->rt().executor(); }

task<result<cohort_turn>> cohort::acquire(steady_time give_up_at) {
    return stand_in_line(state_, give_up_at);
}

result<cohort_turn> cohort::wait(nanoseconds patience) {
    const auto ready = std::make_shared<std::binary_semaphore>(0);
    const auto waiter = std::make_shared<cohort_waiter>();
    waiter->wake = [ready] { ready->release(); };
    if (patience <= nanoseconds{0}) {
        if (!state_->join_if_idle(waiter)) return errc::busy;
        ready->acquire();  // one round trip, or the store's own time limit
    } else if (patience > longest_wait) {
        state_->join(waiter);
        ready->acquire();
    } else {
        waiter->patience = patience;
        state_->join(waiter);
        (void)ready->try_acquire_for(patience);
    }
    return as_turn(state_, state_->leave(waiter));
}

cohort_mutex::cohort_mutex(client& owner, lock_name name, lease_ttl ttl, cohort_options options) {
    auto make = [&](locker& locks) -> task<std::shared_ptr<cohort>> {
        co_return std::make_shared<cohort>(locks, name, ttl, options);
    };
    cohort_ = owner.run(make);
}

bool cohort_mutex::take(nanoseconds patience) {
    auto got = cohort_->wait(patience);
    if (got) {
        turn_ = std::move(*got);
        return true;
    }
    if (got.error() == errc::timed_out || got.error() == errc::busy) return false;
    throw boost::system::system_error(got.error(), "cohort lock");
}

}  // namespace holdfast
