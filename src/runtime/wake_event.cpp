// Handlers in a list, and one list of such lists for the day the context ends.
#include "runtime/wake_event.hpp"

#include "runtime/sleep_operation.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace holdfast {

namespace asio = boost::asio;

/// The events of one context for which somebody waits. A coroutine that waits is owned by the
/// handler it left with the event, and often owns the event: only the context can break that ring.
class wake_event::registry : public asio::execution_context::service {
public:
    static asio::execution_context::id id;

    explicit registry(asio::execution_context& of) : service(of) {}

    void enter(wake_event& one) {
        one.listed_in_ = this;
        one.before_ = nullptr;
        one.after_ = std::exchange(first_, &one);
        if (one.after_ != nullptr) one.after_->before_ = &one;
    }
    void leave(wake_event& one) {
        (one.before_ != nullptr ? one.before_->after_ : first_) = one.after_;
        if (one.after_ != nullptr) one.after_->before_ = one.before_;
        one.listed_in_ = nullptr;
    }

private:
    // All are taken out before any is destroyed: their destructors notify events, and end them.
    void shutdown() override {
        std::list<handler> doomed;
        while (first_ != nullptr) {
            doomed.splice(doomed.end(), first_->waiting_);
            leave(*first_);
        }
    }

    wake_event* first_ = nullptr;
};

asio::execution_context::id wake_event::registry::id;

wake_event::~wake_event() { complete_all(asio::error::operation_aborted); }

void wake_event::add(handler waiter) {
    if (waiting_.empty())
        asio::use_service<registry>(asio::query(executor_, asio::execution::context)).enter(*this);
    auto slot = asio::get_associated_cancellation_slot(waiter);
    const auto place = waiting_.insert(waiting_.end(), std::move(waiter));
    if (slot.is_connected())
        slot.assign([this, place](asio::cancellation_type) {
            auto cancelled = std::move(*place);
            waiting_.erase(place);
            if (waiting_.empty()) listed_in_->leave(*this);
            complete(std::move(cancelled), asio::error::operation_aborted);
        });
}

void wake_event::complete_all(boost::system::error_code ec) {
    if (waiting_.empty()) return;
    listed_in_->leave(*this);
    for (auto& waiter : std::exchange(waiting_, {})) complete(std::move(waiter), ec);
}

void wake_event::complete(handler waiter, boost::system::error_code ec) {
    auto slot = asio::get_associated_cancellation_slot(waiter);
    if (slot.is_connected()) slot.clear();
    asio::post(executor_, asio::append(std::move(waiter), ec));
}

task<void> wake_event::wait() {
    auto start = [this](auto on_wake) { add(handler(std::move(on_wake))); };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code)>(
        start, asio::use_awaitable);
}

task<bool> wake_event::wait_until(runtime& rt, steady_time deadline) {
    auto start = [this](auto on_wake) { add(handler(std::move(on_wake))); };
    using signature = void(boost::system::error_code);
    auto race = asio::experimental::make_parallel_group(
        asio::async_initiate<const asio::deferred_t&, signature>(std::move(start), asio::deferred),
        sleep_operation(rt, deadline));
    auto ended = race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const auto [order, cancelled, woken] = co_await std::move(ended);
    if (cancelled && woken) throw boost::system::system_error(cancelled);
    co_return !cancelled;
}

}  // namespace holdfast
