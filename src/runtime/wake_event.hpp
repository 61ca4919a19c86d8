// Lets coroutines of one executor wait for something another coroutine does.
#pragma once

#include "holdfast/runtime.hpp"

#include <list>
#include <memory>
#include <utility>

namespace holdfast {

/// A condition to wait for. Like a condition variable it carries no state: check the condition,
/// wait, check again. Used from one executor only; holds no time and nothing of the kernel's, so it
/// is the same in virtual time.
///
/// Those who wait when it is destroyed are cancelled; those who wait when the execution context
/// ends are destroyed with it.
class wake_event {
public:
    explicit wake_event(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    ~wake_event();
    wake_event(const wake_event&) = delete;

    /// Returns after the next notify_all(). Cancellation (any type): throws operation_aborted.
    task<void> wait();
    /// Whether notify_all() came before the deadline, by a runtime of the same executor.
    /// Cancellation as above.
    task<bool> wait_until(runtime& rt, steady_time deadline);

    void notify_all() { complete_all({}); }

private:
    class registry;
    struct alarm;
    using handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;
    /// Completed once: by notify_all() or, with timed_out, by its alarm, whichever comes first.
    struct waiter {
        handler resume;
        std::shared_ptr<alarm> deadline = nullptr;  ///< none: waits for ever
    };
    using place = std::list<waiter>::iterator;

    place add(handler resume);
    void add_until(handler resume, runtime& rt, steady_time deadline);
    waiter take(place);
    void complete_all(boost::system::error_code ec);
    void complete(waiter, boost::system::error_code ec);

    boost::asio::any_io_executor executor_;
    std::list<waiter> waiting_;
    // While somebody waits it is linked into the list of its context.
    registry* listed_in_ = nullptr;
    wake_event* before_ = nullptr;
    wake_event* after_ = nullptr;
};

}  // namespace holdfast
