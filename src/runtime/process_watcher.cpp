// Keeps a command's deadline with poll(), pidfd and kill(); runs between fork() and _exit().
#include "runtime/process_watcher.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <limits>

namespace holdfast::watcher {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr int link_fd = 3;
constexpr int output_fd = 4;
constexpr int first_foreign_fd = 5;

std::int64_t boottime_ns() noexcept {
    timespec ts{};
    clock_gettime(CLOCK_BOOTTIME, &ts);
    return ts.tv_sec * 1'000'000'000LL + ts.tv_nsec;
}

// What was ignored when we were started stays so, as under nohup.
void reset_signals() noexcept {
    for (int s = 1; s < NSIG; ++s) {
        struct sigaction now{};
        if (sigaction(s, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) signal(s, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_at_exec(unsigned first, unsigned last) noexcept {
    if (first > last || syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC) == 0) return;
    constexpr unsigned looked_at = 4096;  // a kernel before 5.11 knows no such flag
    for (unsigned fd = first; fd <= std::min(last, looked_at); ++fd)
        fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
}

// A command that keeps our sockets and files open would keep connections alive after our death.
void keep_own_descriptors(const plan& p) noexcept {
    unsigned first = 3;
    for (std::size_t i = 0; i < p.descriptor_count; ++i) {
        const auto given = static_cast<unsigned>(p.descriptors[i]);
        if (given < first) continue;
        close_at_exec(first, given - 1);
        first = given + 1;
    }
    close_at_exec(first, ~0U);
}

// The command, until exec. A failure travels as errno through the close-on-exec pipe.
[[noreturn]] void become(const plan& p, pid_t watcher, int failure_pipe) noexcept {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != watcher) _exit(127);
    if (p.give_terminal) tcsetpgrp(0, getpid());
    if (p.output_write >= 0) {
        const int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, 0);
        dup2(p.output_write, 1);
        dup2(p.output_write, 2);
    }
    keep_own_descriptors(p);
    int failed = 0;
    if (p.folder != nullptr && chdir(p.folder) != 0) failed = errno;
    if (failed == 0) {
        reset_signals();
        execvpe(p.argv[0], const_cast<char* const*>(p.argv), p.environment);
        failed = errno;
    }
    [[maybe_unused]] const auto told = write(failure_pipe, &failed, sizeof failed);
    _exit(127);
}

// The watcher must not keep the owner's sockets, files and folder locks alive.
void keep_only(int& link, int& output) noexcept {
    // Above the fixed numbers first, so that neither dup2 closes the other's source.
    const int high_link = fcntl(link, F_DUPFD, first_foreign_fd);
    const int high_output = output < 0 ? -1 : fcntl(output, F_DUPFD, first_foreign_fd);
    dup2(high_link, link_fd);
    close(output_fd);
    if (high_output >= 0) dup2(high_output, output_fd);
    syscall(SYS_close_range, first_foreign_fd, ~0U, 0);
    const int nothing = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) dup2(nothing, fd);
    if (nothing > output_fd) close(nothing);
    link = link_fd;
    if (output >= 0) output = output_fd;
}

struct watch {
    int link;
    int output;
    pid_t command;
    int pidfd;
    int news;  ///< a signalfd for SIGCHLD: the command has been suspended
    std::int64_t kill_at;
    std::int64_t grace;
    bool told_to_stop = false;
    bool killed = false;
    bool owner_gone = false;

    void tell(report::kinds kind, int value) const noexcept {
        const report r{kind, value};
        [[maybe_unused]] const auto sent = send(link, &r, sizeof r, MSG_NOSIGNAL);
    }

    void begin_stop(std::int64_t kill_time) noexcept {
        if (told_to_stop) return;
        told_to_stop = true;
        kill_at = std::min(kill_at, kill_time);
        if (kill_at <= boottime_ns()) return;  // no time to react to a TERM, so there is none
        kill(-command, SIGTERM);
        kill(-command, SIGCONT);  // a stopped group would not see the TERM
    }

    void obey(const order& o) noexcept {
        if (o.kind == order::move_deadline && !told_to_stop) kill_at = o.value;
        if (o.kind == order::stop_now) begin_stop(boottime_ns() + o.value);
        if (o.kind == order::send_signal) kill(-command, static_cast<int>(o.value));
        if (o.kind == order::resume) {
            tell_if_suspended();  // before it is resumed: the owner knows by the order of the words
            kill(-command, SIGCONT);
            tell(report::resumed, 0);
        }
    }

    void read_orders() noexcept {
        order o{};
        while (true) {
            const auto n = recv(link, &o, sizeof o, MSG_DONTWAIT);
            if (n == static_cast<ssize_t>(sizeof o)) {
                obey(o);
            } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                return;
            } else {
                owner_gone = true;  // killed: the command keeps its deadline and nobody moves it
                return;
            }
        }
    }

    // Only suspensions: the end of the command is left for the last waitpid().
    void tell_if_suspended() const noexcept {
        char dropped[256];
        while (read(news, dropped, sizeof dropped) > 0) {
        }
        siginfo_t seen{};
        if (waitid(P_PID, static_cast<id_t>(command), &seen, WSTOPPED | WNOHANG) == 0 &&
            seen.si_pid == command)
            tell(report::suspended, seen.si_status);
    }

    // With the owner gone nobody reads the pipe: a full or broken one must not stop the command.
    void drain() const noexcept {
        char dropped[4096];
        while (read(output, dropped, sizeof dropped) > 0) {
        }
    }

    std::int64_t next_event() const noexcept {
        if (kill_at == never || killed) return never;
        return told_to_stop ? kill_at : kill_at - grace;
    }

    void keep_deadline() noexcept {
        const auto now = boottime_ns();
        if (!told_to_stop && now >= next_event()) {
            tell(report::stopping, 0);
            begin_stop(kill_at);
        }
        if (told_to_stop && !killed && now >= kill_at) {
            killed = true;
            kill(-command, SIGKILL);
        }
    }

    // True when the command has ended.
    bool step() noexcept {
        keep_deadline();
        pollfd fds[4] = {{pidfd, POLLIN, 0},
                         {owner_gone ? -1 : link, POLLIN, 0},
                         {owner_gone ? output : -1, POLLIN, 0},
                         {owner_gone ? -1 : news, POLLIN, 0}};
        const auto due = next_event();
        // At most a second: poll() does not count suspend, the deadline does.
        const auto span = due == never ? 1'000'000'000 : due - boottime_ns();
        const auto wait = std::clamp<std::int64_t>(span, 0, 1'000'000'000);
        poll(fds, 4, static_cast<int>((wait + 999'999) / 1'000'000));
        if (fds[0].revents != 0) return true;
        if (fds[3].revents != 0) tell_if_suspended();
        if (fds[1].revents != 0) read_orders();
        if (fds[2].revents != 0) drain();
        if ((fds[2].revents & POLLHUP) != 0) output = -1;
        return false;
    }
};

}  // namespace

void run(const plan& p) noexcept {
    sigset_t every;
    sigfillset(&every);
    sigprocmask(SIG_SETMASK, &every, nullptr);
    signal(SIGCHLD, SIG_DFL);
    setpgid(0, 0);
    int failure[2];
    const bool piped = pipe2(failure, O_CLOEXEC) == 0;
    const pid_t self = getpid();
    const pid_t command = piped ? fork() : -1;
    if (command == 0) become(p, self, failure[1]);
    int errno_of_start = command < 0 ? errno : 0;
    if (piped) close(failure[1]);
    watch w{p.link, p.output_read, command, -1, -1, p.deadline_ns, p.grace_ns};
    if (command > 0) {
        setpgid(command, command);
        if (read(failure[0], &errno_of_start, sizeof errno_of_start) <= 0) errno_of_start = 0;
    }
    if (errno_of_start != 0) {
        w.tell(report::not_started, errno_of_start);
        _exit(0);
    }
    close(failure[0]);  // room for the copies that keep_only() makes, however low the limit
    if (p.output_write >= 0) close(p.output_write);
    keep_only(w.link, w.output);
    w.pidfd = static_cast<int>(syscall(SYS_pidfd_open, command, 0));
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    w.news = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
    w.tell(report::started, command);
    while (!w.step()) {
    }
    // Before the command is reaped: until then nobody else can have its group number.
    kill(-command, SIGKILL);
    int status = 0;
    waitpid(command, &status, 0);
    w.tell(report::ended, status);
    _exit(0);
}

}  // namespace holdfast::watcher
