// Background coroutines of one owner, cancelled and joined together.
#pragma once

#include "runtime/wake_event.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <list>

namespace holdfast {

/// Coroutines that run beside their owner. The owner waits in join() before it goes; the group must
/// be empty when it is destroyed. An exception other than operation_aborted ends the process: a
/// background task has nobody to report to, so it handles its own failures.
///
/// Used from one executor only.
class task_group {
public:
    explicit task_group(runtime& rt) : runtime_(rt), ended_(rt.executor()) {}
    task_group(const task_group&) = delete;
    ~task_group() {
        if (!running_.empty()) std::terminate();
    }

    void spawn(task<void> work) {
        namespace asio = boost::asio;
        const auto entry = running_.emplace(running_.end());
        auto finish = [this, entry](std::exception_ptr failed) {
            running_.erase(entry);
            ended_.notify_all();
            if (failed) require_cancellation(failed);
        };
        asio::co_spawn(runtime_.executor(), std::move(work),
                       asio::bind_cancellation_slot(entry->slot(), std::move(finish)));
    }

    /// Asks every coroutine to end (terminal cancellation).
    void cancel() {
        for (auto at = running_.begin(); at != running_.end();) {
            auto& signal = *at++;  // a coroutine may end, and leave the list, while it is asked
            signal.emit(boost::asio::cancellation_type::terminal);
        }
    }

    /// Returns when none is left.
    task<void> join() {
        while (!running_.empty()) co_await ended_.wait();
    }

private:
    static void require_cancellation(const std::exception_ptr& failed) {
        try {
            std::rethrow_exception(failed);
        } catch (const boost::system::system_error& error) {
            if (error.code() != boost::asio::error::operation_aborted) throw;
        }
    }

    runtime& runtime_;
    wake_event ended_;
    std::list<boost::asio::cancellation_signal> running_;
};

}  // namespace holdfast
