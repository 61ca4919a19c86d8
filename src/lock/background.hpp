// Work whose callers have left, counted for whoever closes.
#pragma once

#include "runtime/wake_event.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace holdfast {

/// Runs work of which nobody awaits the end. It must not throw: an exception leaves through the
/// executor. To cancel work or to join it, see task_group.
///
/// Used from one executor only.
class background {
public:
    explicit background(boost::asio::any_io_executor executor)
        : executor_(std::move(executor)), ended_(executor_) {}
    background(const background&) = delete;

    /// Waited for by idle(). Keeps `owner` alive, of which this is a part.
    void run(task<void> work, std::shared_ptr<const void> owner) {
        ++under_way_;
        auto ended = [this, owner = std::move(owner)](std::exception_ptr failed) {
            one_ended();
            if (failed) std::rethrow_exception(failed);
        };
        boost::asio::co_spawn(executor_, std::move(work), std::move(ended));
    }
    /// Not waited for.
    void run_unwaited(task<void> work) {
        auto ended = [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        };
        boost::asio::co_spawn(executor_, std::move(work), std::move(ended));
    }

    /// Work that somebody else waits for, and idle() too, as long as this lives.
    class counted {
    public:
        explicit counted(background& in) : in_(in) { ++in_.under_way_; }
        ~counted() { in_.one_ended(); }
        counted(const counted&) = delete;

    private:
        background& in_;
    };

    /// Returns when no counted work is left.
    task<void> idle() {
        while (under_way_ > 0) co_await ended_.wait();
    }

private:
    void one_ended() {
        if (--under_way_ == 0) ended_.notify_all();
    }

    boost::asio::any_io_executor executor_;
    std::size_t under_way_ = 0;
    wake_event ended_;
};

}  // namespace holdfast
