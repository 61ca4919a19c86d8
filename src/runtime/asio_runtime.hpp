// The real world: the one place that reads the machine's clocks and entropy.
#pragma once

#include "holdfast/runtime.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <map>
#include <utility>

namespace holdfast {

/// A runtime over one io_context that one thread runs. Sleeps on CLOCK_BOOTTIME through one
/// timerfd, so a deadline that passed while the machine was suspended fires at resume and not
/// later. Throws boost::system::system_error when the kernel refuses a timerfd.
class asio_runtime final : public runtime {
public:
    explicit asio_runtime(boost::asio::io_context& context);
    ~asio_runtime();
    asio_runtime(const asio_runtime&) = delete;

    steady_time now() const noexcept override;
    wall_time wall_now() const noexcept override;
    void async_sleep_until(steady_time deadline, sleep_handler on_wake) override;
    void fill_random(std::span<std::byte> out) override;
    boost::asio::any_io_executor executor() override { return context_.get_executor(); }

private:
    using sleeper_key = std::pair<steady_time, std::uint64_t>;

    void cancel_sleeper(sleeper_key key);
    void complete(sleep_handler on_wake, boost::system::error_code ec);
    void arm();
    void wait_for_timer();
    void wake_due();

    boost::asio::io_context& context_;
    boost::asio::posix::stream_descriptor timer_;
    std::map<sleeper_key, sleep_handler> sleepers_;
    steady_time armed_for_ = steady_time::max();
    std::uint64_t last_sleeper_ = 0;
    bool waiting_ = false;
};

}  // namespace holdfast
