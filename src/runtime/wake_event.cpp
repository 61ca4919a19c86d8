// Handlers in a list, and one list of such lists for the day the context ends.
#include "runtime/wake_event.hpp"

#include "runtime/clear_slot.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
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
        std::list<waiter> doomed;
        while (first_ != nullptr) {
            doomed.splice(doomed.end(), first_->waiting_);
            leave(*first_);
        }
    }

    wake_event* first_ = nullptr;
};

asio::execution_context::id wake_event::registry::id;

/// The deadline of one waiter. The sleep outlives the wait for the moment that it takes to cancel
/// it, and finds no event then.
struct wake_event::alarm {
    wake_event* event;
    place whose;
    asio::cancellation_signal stop = {};
};

wake_event::~wake_event() { complete_all(asio::error::operation_aborted); }

wake_event::place wake_event::add(handler resume) {
    if (waiting_.empty())
        asio::use_service<registry>(asio::query(executor_, asio::execution::context)).enter(*this);
    auto slot = asio::get_associated_cancellation_slot(resume);
    const auto added = waiting_.insert(waiting_.end(), {std::move(resume)});
    if (slot.is_connected())
        slot.assign([this, added](asio::cancellation_type) {
            complete(take(added), asio::error::operation_aborted);
        });
    return added;
}

// The sleep's handler runs where the waiter does, and nothing of this event's is under way then:
// it resumes the waiter at once.
void wake_event::add_until(handler resume, runtime& rt, steady_time deadline) {
    const auto added = add(std::move(resume));
    auto bell = std::make_shared<alarm>(this, added);
    added->deadline = bell;
    auto slot = bell->stop.slot();
    auto on_wake = [bell](boost::system::error_code ec) {
        if (bell->event == nullptr) return;
        auto due = bell->event->take(bell->whose).resume;
        clear_slot(due);
        std::move(due)(ec ? ec : asio::error::timed_out);
    };
    rt.async_sleep_until(deadline, asio::bind_cancellation_slot(slot, std::move(on_wake)));
}

wake_event::waiter wake_event::take(place whose) {
    auto taken = std::move(*whose);
    waiting_.erase(whose);
    if (waiting_.empty()) listed_in_->leave(*this);
    if (taken.deadline) taken.deadline->event = nullptr;
    return taken;
}

void wake_event::complete_all(boost::system::error_code ec) {
    if (waiting_.empty()) return;
    listed_in_->leave(*this);
    for (auto& one : std::exchange(waiting_, {})) complete(std::move(one), ec);
}

void wake_event::complete(waiter one, boost::system::error_code ec) {
    clear_slot(one.resume);
    if (one.deadline) {
        one.deadline->event = nullptr;
        one.deadline->stop.emit(asio::cancellation_type::all);
    }
    asio::post(executor_, asio::append(std::move(one.resume), ec));
}

task<void> wake_event::wait() {
    auto start = [this](auto resume) { add(handler(std::move(resume))); };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code)>(
        start, asio::use_awaitable);
}

task<bool> wake_event::wait_until(runtime& rt, steady_time deadline) {
    auto start = [this, &rt, deadline](auto resume) {
        add_until(handler(std::move(resume)), rt, deadline);
    };
    constexpr auto as_code = asio::as_tuple(asio::use_awaitable);
    const auto [ended] =
        co_await asio::async_initiate<decltype(as_code)&, void(boost::system::error_code)>(start,
                                                                                           as_code);
    if (ended && ended != asio::error::timed_out) throw boost::system::system_error(ended);
    co_return !ended;
}

}  // namespace holdfast
