// A runtime whose time the test turns by hand: nothing waits, nothing races.
#pragma once

#include "holdfast/runtime.hpp"
#include "runtime/wake_event.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

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
    task<void> sleep_until(steady_time deadline) override {
        while (now() < deadline) co_await time_passed_.wait();
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
        time_passed_.notify_all();
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
    nanoseconds elapsed_{hours{1}};
    std::uint32_t next_ = 1;
    boost::asio::io_context context_;
    wake_event time_passed_{context_.get_executor()};
};

}  // namespace holdfast::test
