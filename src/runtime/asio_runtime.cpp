// Clocks, timer and entropy of the machine.
#include "runtime/asio_runtime.hpp"

#include "runtime/clear_slot.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <sys/random.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace holdfast {
namespace {

namespace asio = boost::asio;

nanoseconds read_clock(clockid_t id) noexcept {
    timespec ts{};
    clock_gettime(id, &ts);
    return seconds{ts.tv_sec} + nanoseconds{ts.tv_nsec};
}

[[noreturn]] void throw_errno(const char* what) {
    throw boost::system::system_error(errno, boost::system::system_category(), what);
}

int open_timer() {
    const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) throw_errno("timerfd_create");
    return fd;
}

}  // namespace

asio_runtime::asio_runtime(asio::io_context& context)
    : context_(context), timer_(context, open_timer()) {}

// Who is destroyed with the context after this may still try to cancel its sleep.
asio_runtime::~asio_runtime() {
    for (const auto& [key, on_wake] : sleepers_) clear_slot(on_wake);
}

steady_time asio_runtime::now() const noexcept { return steady_time{read_clock(CLOCK_BOOTTIME)}; }

wall_time asio_runtime::wall_now() const noexcept {
    return wall_time{std::chrono::floor<microseconds>(read_clock(CLOCK_REALTIME))};
}

void asio_runtime::fill_random(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto got = getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_errno("getrandom");
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

void asio_runtime::async_sleep_until(steady_time deadline, sleep_handler on_wake) {
    const sleeper_key key{deadline, ++last_sleeper_};
    auto slot = asio::get_associated_cancellation_slot(on_wake);
    if (slot.is_connected())
        slot.assign([this, key](asio::cancellation_type) { cancel_sleeper(key); });
    sleepers_.emplace(key, std::move(on_wake));
    arm();
}

void asio_runtime::cancel_sleeper(sleeper_key key) {
    auto node = sleepers_.extract(key);
    if (!node.empty()) complete(std::move(node.mapped()), asio::error::operation_aborted);
}

void asio_runtime::complete(sleep_handler on_wake, boost::system::error_code ec) {
    clear_slot(on_wake);
    asio::post(context_, asio::append(std::move(on_wake), ec));
}

// Arms the kernel timer for the earliest sleeper. A timer that is early costs one wake-up, so a
// cancelled earliest sleeper is not worth a system call.
void asio_runtime::arm() {
    if (sleepers_.empty()) return;
    const auto earliest = sleepers_.begin()->first.first;
    if (earliest < armed_for_) {
        const auto at = std::max(earliest.time_since_epoch(), nanoseconds{1});
        const auto whole = std::chrono::floor<seconds>(at);
        const itimerspec spec{{}, {whole.count(), (at - whole).count()}};
        timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &spec, nullptr);
        armed_for_ = earliest;
    }
    wait_for_timer();
}

// The wait is there only while somebody sleeps: an idle io_context may run out of work and return.
void asio_runtime::wait_for_timer() {
    if (waiting_) return;
    waiting_ = true;
    timer_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code ec) {
                          if (ec == asio::error::operation_aborted) return;  // being destroyed
                          waiting_ = false;
                          wake_due();
                      });
}

void asio_runtime::wake_due() {
    std::uint64_t expirations = 0;
    if (read(timer_.native_handle(), &expirations, sizeof expirations) > 0)
        armed_for_ = steady_time::max();
    const auto at = now();
    while (!sleepers_.empty() && sleepers_.begin()->first.first <= at)
        complete(std::move(sleepers_.extract(sleepers_.begin()).mapped()), {});
    arm();
}

}  // namespace holdfast
