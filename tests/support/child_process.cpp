// fork/exec, pipes and poll.
#include "support/child_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
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

// Everything a child needs between fork and exec, made before: the parent has threads, so the child
// may not allocate.
class launch {
public:
    launch(const std::vector<std::string>& argv, const child_process::options& opts)
        : folder_(opts.folder) {
        for (char** at = environ; *at != nullptr; ++at) {
            const std::string entry(*at);
            if (!opts.environment.contains(entry.substr(0, entry.find('='))))
                texts_.push_back(entry);
        }
        for (const auto& [name, value] : opts.environment) texts_.push_back(name + "=" + value);
        for (auto& text : texts_) environment_.push_back(text.data());
        environment_.push_back(nullptr);
        for (const auto& arg : argv) argv_.push_back(const_cast<char*>(arg.c_str()));
        argv_.push_back(nullptr);
    }

    [[noreturn]] void become(int in, int out, int err) const {
        // No child outlives a test program that crashed, or was killed before this line.
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent_) _exit(126);
        dup2(in, 0);
        dup2(out, 1);
        dup2(err, 2);
        if (!folder_.empty() && chdir(folder_.c_str()) != 0) _exit(126);
        execvpe(argv_[0], argv_.data(), environment_.data());
        _exit(127);
    }

private:
    const pid_t parent_ = getpid();
    const std::string& folder_;
    std::vector<std::string> texts_;
    std::vector<char*> environment_;
    std::vector<char*> argv_;
};

// The kernel's "parent" of PR_SET_PDEATHSIG is the thread that forked. So all forks happen on one
// thread that lives as long as the process.
class forking_thread {
public:
    static forking_thread& get() {
        static auto* const lasting = new forking_thread;
        return *lasting;
    }
    template <class Child>
    pid_t fork_into(const Child& become) {
        const auto fork_here = [&become] {
            const auto pid = fork();
            if (pid == 0) become();
            if (pid < 0) fail("fork");
            return pid;
        };
        return boost::asio::post(context_, boost::asio::use_future(fork_here)).get();
    }

private:
    forking_thread() {
        std::thread([this] { context_.run(); }).detach();
    }
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_{
        context_.get_executor()};
};

}  // namespace

child_process::child_process(std::vector<std::string> argv)
    : child_process(std::move(argv), options{}) {}

class child_process::drain {
public:
    drain(int out, int err) : fds_{out, err} {
        if (pipe2(stop_, O_CLOEXEC) != 0) fail("pipe2");
        thread_ = std::jthread([this] { run(); });
    }
    ~drain() {
        close(stop_[1]);
        thread_.join();
        close(stop_[0]);
    }

    /// Appends what has come to `texts`; waits for something until the given time. False: both
    /// streams have ended and nothing is left.
    bool take(stream (&texts)[2], clock::time_point until) {
        std::unique_lock lock(mutex_);
        const auto something = [&] {
            return !fresh_[0].empty() || !fresh_[1].empty() || open_ == 0;
        };
        came_.wait_until(lock, until, something);
        const bool left = open_ > 0 || !fresh_[0].empty() || !fresh_[1].empty();
        for (int i = 0; i < 2; ++i) texts[i].text += std::exchange(fresh_[i], {});
        return left;
    }

private:
    void run() {
        while (open_ > 0) {
            pollfd fds[3]{{fds_[0], POLLIN, 0}, {fds_[1], POLLIN, 0}, {stop_[0], POLLIN, 0}};
            if (poll(fds, 3, -1) < 0) continue;
            for (int i = 0; i < 2; ++i)
                if (fds[i].revents != 0) read_one(i);
            if (fds[2].revents != 0) break;
        }
        for (const int fd : fds_)
            if (fd >= 0) close(fd);
    }

    void read_one(int i) {
        char buffer[65536];
        const auto n = read(fds_[i], buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) return;
        const std::lock_guard lock(mutex_);
        if (n > 0) {
            fresh_[i].append(buffer, static_cast<std::size_t>(n));
        } else {
            close(std::exchange(fds_[i], -1));
            --open_;
        }
        came_.notify_all();
    }

    int fds_[2];
    int stop_[2]{};
    std::mutex mutex_;
    std::condition_variable came_;
    std::string fresh_[2];
    std::atomic<int> open_{2};
    std::jthread thread_;
};

child_process::child_process(std::vector<std::string> argv, options opts)
    : patience_(opts.patience) {
    pipe_ends in;
    pipe_ends out;
    pipe_ends err;
    // Before it runs: it may end without reading, and nobody is to die of that.
    const auto size = static_cast<int>(opts.input.size());
    if (size > 0 && (fcntl(in.write, F_SETPIPE_SZ, size) < size ||
                     write(in.write, opts.input.data(), opts.input.size()) != size))
        fail("write");
    close(in.write);
    const launch prepared(argv, opts);
    pid_ = forking_thread::get().fork_into([&] { prepared.become(in.read, out.write, err.write); });
    close(in.read);
    close(out.write);
    close(err.write);
    drain_ = std::make_unique<drain>(out.read, err.read);
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      streams_{std::move(other.streams_[0]), std::move(other.streams_[1])},
      drain_(std::move(other.drain_)),
      ended_(other.ended_),
      patience_(other.patience_) {}

child_process::~child_process() {
    if (pid_ > 0 && !ended_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
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
        if (!read_some(std::min(until, clock::now() + std::chrono::milliseconds{20})))
            std::this_thread::sleep_for(
                std::chrono::milliseconds{2});  // streams closed, not yet reaped
    }
    // What is left. A grandchild may keep the pipes open, so no longer than a moment.
    const auto moment = clock::now() + std::chrono::milliseconds{200};
    while (clock::now() < moment && read_some(moment)) {
    }
    return *ended_;
}

int child_process::wait_code() {
    const auto status = wait();
    return status.code ? *status.code : 128 + *status.signal;
}

bool child_process::read_some(clock::time_point until) { return drain_->take(streams_, until); }

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
