// fork/exec, pipes and poll.
#include "support/child_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

namespace holdfast::test {
namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

struct pipe_ends {
    int read = -1;
    int write = -1;
    pipe_ends() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
        read = ends[0];
        write = ends[1];
    }
};

[[noreturn]] void become(const std::vector<std::string>& argv, const child_process::options& opts,
                         int in, int out, int err) {
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    for (const auto& [name, value] : opts.environment) setenv(name.c_str(), value.c_str(), 1);
    if (!opts.folder.empty() && chdir(opts.folder.c_str()) != 0) _exit(126);
    std::vector<char*> args;
    for (const auto& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
    args.push_back(nullptr);
    execvp(args[0], args.data());
    dprintf(2, "cannot execute %s: %s\n", args[0], std::strerror(errno));
    _exit(127);
}

}  // namespace

child_process::child_process(std::vector<std::string> argv)
    : child_process(std::move(argv), options{}) {}

child_process::child_process(std::vector<std::string> argv, options opts)
    : patience_(opts.patience) {
    pipe_ends in;
    pipe_ends out;
    pipe_ends err;
    pid_ = fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) become(argv, opts, in.read, out.write, err.write);
    close(in.read);
    close(out.write);
    close(err.write);
    if (!opts.input.empty() && write(in.write, opts.input.data(), opts.input.size()) < 0)
        fail("write");
    close(in.write);
    streams_[0].fd = out.read;
    streams_[1].fd = err.read;
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ended_(other.ended_), patience_(other.patience_) {
    for (int i = 0; i < 2; ++i) {
        streams_[i] = other.streams_[i];
        other.streams_[i].fd = -1;
    }
}

child_process::~child_process() {
    if (pid_ > 0 && !ended_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    for (auto& s : streams_)
        if (s.fd >= 0) close(s.fd);
}

void child_process::signal(int number) const {
    if (!ended_ && kill(pid_, number) != 0) fail("kill");
}

void child_process::reap(bool block) {
    if (ended_) return;
    int status = 0;
    pid_t got = 0;
    do got = waitpid(pid_, &status, block ? 0 : WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got != pid_) return;
    exit_status ended;
    if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    ended_ = ended;
}

bool child_process::running() {
    reap(false);
    return !ended_;
}

child_process::exit_status child_process::wait() {
    const auto until = clock::now() + patience_;
    while (running()) {
        if (clock::now() > until)
            throw std::runtime_error("the child does not end; out:\n" + out() + "\nerr:\n" + err());
        if (!read_some(std::min(until, clock::now() + std::chrono::milliseconds{50})))
            std::this_thread::sleep_for(
                std::chrono::milliseconds{2});  // streams closed, not yet reaped
    }
    // What is left in the pipes. A grandchild may keep them open, so stop when they run dry.
    for (auto& s : streams_) {
        if (s.fd < 0) continue;
        char buffer[65536];
        pollfd ready{s.fd, POLLIN, 0};
        while (poll(&ready, 1, 0) > 0) {
            const auto n = read(s.fd, buffer, sizeof buffer);
            if (n <= 0) break;
            s.text.append(buffer, static_cast<std::size_t>(n));
        }
    }
    return *ended_;
}

int child_process::wait_code() {
    const auto status = wait();
    return status.code ? *status.code : 128 + *status.signal;
}

bool child_process::read_some(clock::time_point until) {
    pollfd fds[2];
    int open = 0;
    for (int i = 0; i < 2; ++i) {
        fds[i] = {streams_[i].fd, POLLIN, 0};
        open += streams_[i].fd >= 0;
    }
    if (open == 0) return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    if (poll(fds, 2, static_cast<int>(std::max<long>(left, 0))) <= 0) return true;
    for (int i = 0; i < 2; ++i) {
        if (fds[i].revents == 0) continue;
        char buffer[65536];
        const auto n = read(fds[i].fd, buffer, sizeof buffer);
        if (n > 0) {
            streams_[i].text.append(buffer, static_cast<std::size_t>(n));
        } else {
            close(streams_[i].fd);
            streams_[i].fd = -1;
        }
    }
    return true;
}

std::optional<std::string> child_process::find_line(const std::string& containing) {
    for (auto& s : streams_) {
        for (auto end = s.text.find('\n', s.searched); end != std::string::npos;
             end = s.text.find('\n', s.searched)) {
            const auto line = s.text.substr(s.searched, end - s.searched);
            s.searched = end + 1;
            if (line.find(containing) != std::string::npos) return line;
        }
    }
    return std::nullopt;
}

std::string child_process::wait_for_line(const std::string& containing) {
    const auto until = clock::now() + patience_;
    while (true) {
        if (auto line = find_line(containing)) return *line;
        if (clock::now() > until || !read_some(until))
            throw std::runtime_error("no line with \"" + containing + "\"; out:\n" + out() +
                                     "\nerr:\n" + err());
    }
}

child_process run_to_end(std::vector<std::string> argv, child_process::options opts) {
    child_process child(std::move(argv), std::move(opts));
    child.wait();
    return child;
}

unsigned short free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        fail("free_port");
    close(fd);
    return ntohs(address.sin_port);
}

temporary_folder::temporary_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "holdfast-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) fail("mkdtemp");
    path_ = pattern;
}

temporary_folder::~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace holdfast::test
