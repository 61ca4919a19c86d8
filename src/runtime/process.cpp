// Starting the watcher, reading its reports and the command's output.
#include "runtime/process.hpp"

#include "runtime/process_watcher.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

extern char** environ;

namespace holdfast {
namespace {

namespace asio = boost::asio;

// argv and environment as exec wants them, allocated before fork().
struct exec_block {
    std::vector<std::string> lines;
    std::vector<char*> argv;
    std::vector<char*> environment;

    explicit exec_block(const process_spec& spec) {
        for (const auto& [name, value] : spec.environment) lines.push_back(name + "=" + value);
        for (auto& line : lines) environment.push_back(line.data());
        for (char** e = environ; *e != nullptr; ++e)
            if (!replaced(spec, *e)) environment.push_back(*e);
        environment.push_back(nullptr);
        for (const auto& arg : spec.argv) argv.push_back(const_cast<char*>(arg.c_str()));
        argv.push_back(nullptr);
    }

    static bool replaced(const process_spec& spec, std::string_view line) {
        return spec.environment.contains(std::string(line.substr(0, line.find('='))));
    }
};

void close_pair(const int (&ends)[2]) {
    for (const int fd : ends)
        if (fd >= 0) close(fd);
}

}  // namespace

int process_end::shell_code() const noexcept {
    if (start_error != 0) return start_error == ENOENT ? 127 : 126;
    if (code) return *code;
    return signal ? 128 + *signal : 1;
}

process::process(runtime& rt, process_spec spec)
    : spec_(std::move(spec)), link_(rt.executor()), pipe_(rt.executor()) {}

result<std::unique_ptr<process>> process::start(runtime& rt, process_spec spec) {
    if (spec.argv.empty() || spec.argv[0].empty()) return errc::invalid_argument;
    std::unique_ptr<process> started(new process(rt, std::move(spec)));
    if (auto launched = started->launch(); !launched) return launched.error();
    return started;
}

result<void> process::launch() {
    int link[2] = {-1, -1};
    int output[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, link) != 0 ||
        (spec_.keep_output && pipe2(output, O_CLOEXEC) != 0)) {
        close_pair(link);
        return errc::out_of_memory;
    }
    // Only the reading side may be non-blocking: the command shares the writing side's flags.
    if (output[0] >= 0) fcntl(output[0], F_SETFL, O_NONBLOCK);
    has_terminal_ = !spec_.keep_output && isatty(0) == 1;
    const exec_block block(spec_);
    std::ranges::sort(spec_.descriptors);
    const watcher::plan plan{block.argv.data(),
                             block.environment.data(),
                             spec_.folder.empty() ? nullptr : spec_.folder.c_str(),
                             link[1],
                             output[0],
                             output[1],
                             spec_.deadline.time_since_epoch().count(),
                             nanoseconds(spec_.grace).count(),
                             spec_.descriptors.data(),
                             spec_.descriptors.size(),
                             has_terminal_ && tcgetpgrp(0) == getpgrp()};
    watcher_ = fork();
    if (watcher_ == 0) watcher::run(plan);
    close(link[1]);
    if (output[1] >= 0) close(output[1]);
    if (watcher_ < 0) {
        close(link[0]);
        if (output[0] >= 0) close(output[0]);
        return errc::out_of_memory;
    }
    link_.assign(link[0]);
    if (output[0] >= 0) pipe_.assign(output[0]);
    return {};
}

process::~process() {
    if (watcher_ < 0) return;
    // Only reached when nobody waited to the end. The watcher dies of SIGKILL and takes the command
    // with it; its group goes first.
    if (command_ > 0) kill(-command_, SIGKILL);
    kill(watcher_, SIGKILL);
    reap();
}

void process::reap() {
    int status = 0;
    while (waitpid(watcher_, &status, 0) < 0 && errno == EINTR) {
    }
    watcher_ = -1;
    take_terminal();
}

void process::give_terminal_to(pid_t group) const {
    sigset_t background;  // a change of the terminal from the background raises SIGTTOU
    sigset_t before;
    sigemptyset(&background);
    sigaddset(&background, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &background, &before);
    tcsetpgrp(0, group);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// Only from the command, or from what is left of one that could not be executed: in the background
// the terminal is somebody else's.
void process::take_terminal() {
    const auto owner = has_terminal_ ? tcgetpgrp(0) : -1;
    if (owner > 0 && (owner == command_ || kill(-owner, 0) != 0)) give_terminal_to(getpgrp());
}

void process::lend_terminal() const {
    if (has_terminal_ && command_ > 0 && tcgetpgrp(0) == getpgrp()) give_terminal_to(command_);
}

void process::resume() {
    if (end_) return;
    lend_terminal();
    ++resuming_;
    tell(watcher::order::resume, 0);
}

void process::tell(int kind, std::int64_t value) {
    if (end_ || !link_.is_open()) return;
    const watcher::order o{kind, value};
    [[maybe_unused]] const auto sent = send(link_.native_handle(), &o, sizeof o, MSG_NOSIGNAL);
}

void process::set_deadline(steady_time when) {
    tell(watcher::order::move_deadline, when.time_since_epoch().count());
}

void process::terminate(milliseconds grace) {
    tell(watcher::order::stop_now, nanoseconds(grace).count());
}

void process::send_signal(int number) { tell(watcher::order::send_signal, number); }

task<process_end> process::wait() {
    using namespace asio::experimental::awaitable_operators;
    if (pipe_.is_open())
        co_await (read_reports() && read_output());
    else
        co_await read_reports();
    reap();
    co_return *end_;
}

task<void> process::read_reports() {
    process_end end;
    while (!end_) {
        co_await link_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
        watcher::report r{};
        const auto n = recv(link_.native_handle(), &r, sizeof r, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (n != static_cast<ssize_t>(sizeof r)) {  // the watcher was killed
            if (command_ > 0) kill(-command_, SIGKILL);
            end.signal = SIGKILL;
            end_ = end;
        } else if (r.kind == watcher::report::started) {
            command_ = r.value;
            lend_terminal();  // we may have come to the foreground after it was forked
        } else if (r.kind == watcher::report::stopping) {
            end.timed_out = true;
        } else if (r.kind == watcher::report::resumed) {
            --resuming_;
        } else if (r.kind == watcher::report::suspended) {
            if (resuming_ == 0 && spec_.on_suspended) spec_.on_suspended(r.value);
        } else if (r.kind == watcher::report::not_started) {
            end.start_error = r.value;
            end_ = end;
        } else {
            if (WIFEXITED(r.value)) end.code = WEXITSTATUS(r.value);
            if (WIFSIGNALED(r.value)) end.signal = WTERMSIG(r.value);
            end_ = end;
        }
    }
    if (pipe_.is_open()) pipe_.cancel();  // an escaped descendant may hold it open for ever
}

task<void> process::read_output() {
    char buffer[8192];
    while (true) {
        boost::system::error_code ec;
        const auto n = co_await pipe_.async_read_some(
            asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted && !end_) throw boost::system::system_error(ec);
        if (ec || n == 0) break;
        keep(n, buffer);
    }
    ssize_t left = 0;  // what a cancelled read left behind
    while ((left = read(pipe_.native_handle(), buffer, sizeof buffer)) > 0)
        keep(static_cast<std::size_t>(left), buffer);
}

void process::keep(std::size_t n, const char* data) {
    output_.append(data, n);
    if (output_.size() <= spec_.output_limit) return;
    output_cut_ = true;
    output_.erase(0, output_.size() - spec_.output_limit);
}

}  // namespace holdfast
