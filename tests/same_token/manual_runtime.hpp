// A runtime whose time the test turns by hand: nothing waits, nothing races.
#pragma once

#include "holdfast/runtime.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace holdfast::test {

class manual_runtime final : public runtime {
public:
    steady_time now() const noexcept override { return steady_time{elapsed_}; }
    wall_time wall_now() const noexcept override {
        return from_unix_seconds(1'800'000'000) +
               std::chrono::duration_cast<microseconds>(elapsed_);
    }
    void async_sleep_until(steady_time deadline, sleep_handler on_wake) override {
        auto slot = boost::asio::get_associated_cancellation_slot(on_wake);
        const auto place = sleepers_.emplace(deadline, std::move(on_wake));
        if (slot.is_connected())
            slot.assign([this, place](boost::asio::cancellation_type) {
                wake(place, boost::asio::error::operation_aborted);
            });
        wake_due();
    }
    void fill_random(std::span<std::byte> out) override {
        for (auto& byte : out) {
            next_ = next_ * 1664525 + 1013904223;
            byte = static_cast<std::byte>(next_ >> 24);
        }
    }
    boost::asio::any_io_executor executor() override { return context_.get_executor(); }

    /// Lets the time pass and everything that waited for it run.
    void pass(milliseconds span) {
        elapsed_ += span;
        wake_due();
        settle();
    }
    void settle() {
        context_.restart();
        context_.poll();
    }
    void start(task<void> work) {
        boost::asio::co_spawn(context_, std::move(work), boost::asio::detached);
        settle();
    }
    /// Runs work that needs no time to pass.
    template <class T>
    T run(task<T> work) {
        std::optional<T> value;
        start_for(std::move(work), value);
        if (!value) throw std::logic_error("the coroutine waits for time to pass");
        return std::move(*value);
    }
    /// The same, but the value may come later.
    template <class T>
    void start_for(task<T> work, std::optional<T>& value) {
        boost::asio::co_spawn(context_, std::move(work), [&value](std::exception_ptr e, T v) {
            if (!e) value.emplace(std::move(v));
        });
        settle();
    }

private:
    using sleepers = std::multimap<steady_time, sleep_handler>;

    void wake(sleepers::iterator which, boost::system::error_code ec) {
        auto sleeper = std::move(sleepers_.extract(which).mapped());
        auto slot = boost::asio::get_associated_cancellation_slot(sleeper);
        if (slot.is_connected()) slot.clear();
        boost::asio::post(context_, boost::asio::append(std::move(sleeper), ec));
    }
    void wake_due() {
        while (!sleepers_.empty() && sleepers_.begin()->first <= now()) wake(sleepers_.begin(), {});
    }

    nanoseconds elapsed_{hours{1}};
    std::uint32_t next_ = 1;
    boost::asio::io_context context_;
    sleepers sleepers_;
};

}  // namespace holdfast::test
