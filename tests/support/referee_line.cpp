// Both ends of the referee's socket: SOCK_SEQPACKET, one message a line.
#include "support/referee_book.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace holdfast::test {
namespace {

constexpr std::chrono::seconds patience{60};

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error(path + ": too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

std::string stamp(referee_time at) { return std::to_string(at.time_since_epoch().count()); }

}  // namespace

referee_line::referee_line(const std::string& socket_path, std::string who)
    : who_(std::move(who)), fd_(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    const auto address = address_of(socket_path);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("the referee does not listen");
}

referee_line::~referee_line() { close(fd_); }

void referee_line::send(const std::string& line) const {
    while (::send(fd_, line.data(), line.size(), MSG_NOSIGNAL) < 0)
        if (errno != EINTR) fail("the referee has gone");
}

void referee_line::enter(const std::string& lock, std::uint64_t fence, referee_time at) {
    send("enter " + who_ + " " + lock + " " + std::to_string(fence) + " " + stamp(at));
}

void referee_line::inside(const std::string& lock, std::uint64_t fence, referee_time at) {
    send("inside " + who_ + " " + lock + " " + std::to_string(fence) + " " + stamp(at));
}

void referee_line::remark(const std::string& text) { send("remark " + who_ + " " + text); }

bool referee_line::write(const std::string& lock, std::uint64_t fence) {
    send("write " + who_ + " " + lock + " " + std::to_string(fence) + " 0");
    char answer = 0;
    while (recv(fd_, &answer, 1, 0) < 0)
        if (errno != EINTR) fail("the referee does not answer");
    return answer == 'y';
}

episode* book::find(const std::string& who, const std::string& lock, std::uint64_t fence) {
    const auto is = [&](const episode& e) {
        return e.fence == fence && e.lock == lock && e.who == who;
    };
    const auto found = std::find_if(stays.rbegin(), stays.rend(), is);
    return found == stays.rend() ? nullptr : &*found;
}

referee::work::work(const std::string& path)
    : listener_(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    const auto address = address_of(path);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 256) != 0 || pipe2(stop_, O_CLOEXEC) != 0)
        fail("referee");
    thread_ = std::jthread([this] { listen(); });
}

referee::work::~work() {
    close(stop_[1]);
    thread_.join();
    close(stop_[0]);
    close(listener_);
}

void referee::work::listen() {
    std::vector<pollfd> fds{{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    while (fds[0].revents == 0) {
        if (poll(fds.data(), fds.size(), -1) < 0) continue;
        for (std::size_t i = fds.size() - 1; i >= 2; --i) {
            if (fds[i].revents == 0) continue;
            char line[1024];
            const auto n = recv(fds[i].fd, line, sizeof line, 0);
            if (n <= 0) {
                close(fds[i].fd);
                fds.erase(fds.begin() + static_cast<std::ptrdiff_t>(i));
                continue;
            }
            const auto answer = take({line, static_cast<std::size_t>(n)});
            if (!answer.empty()) ::send(fds[i].fd, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
        if (fds[1].revents != 0)
            fds.push_back({accept4(listener_, nullptr, nullptr, 0), POLLIN, 0});
    }
    for (std::size_t i = 2; i < fds.size(); ++i) close(fds[i].fd);
}

std::string referee::work::take(const std::string& line) {
    std::istringstream words(line);
    std::string kind, who, lock;
    std::uint64_t fence = 0;
    std::int64_t ns = 0;
    words >> kind >> who;
    std::string answer;
    const std::lock_guard guard(mutex_);
    if (kind == "remark") {
        book_.remarks.push_back(line.substr(std::strlen("remark ")));
    } else if (words >> lock >> fence >> ns) {
        const referee_time at{std::chrono::nanoseconds{ns}};
        if (kind == "enter") book_.stays.push_back({who, lock, fence, at, at});
        if (kind == "inside")
            if (auto* stay = book_.find(who, lock, fence))
                stay->last_seen = std::max(stay->last_seen, at);
        if (kind == "write") {
            const bool taken = fence >= book_.highest[lock];
            if (taken) book_.highest[lock] = fence;
            ++(taken ? book_.accepted : book_.refused)[who];
            answer = taken ? "y" : "n";
        }
    }
    ++news_;
    came_.notify_all();
    return answer;
}

std::uint64_t referee::work::await_news(std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, patience, [&] { return news_ != seen; }))
        throw std::runtime_error("nobody tells the referee anything any more");
    return news_;
}

}  // namespace holdfast::test
