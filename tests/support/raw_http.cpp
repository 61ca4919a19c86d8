// Sockets, poll and a reader of answers that trusts the server under test.
#include "support/raw_http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <utility>

namespace holdfast::test {

std::vector<std::string> raw_answer::fields(std::string_view name) const {
    std::vector<std::string> found;
    std::size_t at = head.find("\r\n");
    while (at != head.npos && at + 2 < head.size()) {
        const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const auto colon = line.find(':');
        if (colon == name.size() && strncasecmp(line.data(), name.data(), colon) == 0)
            found.push_back(line.substr(line.find_first_not_of(' ', colon + 1) == line.npos
                                            ? line.size()
                                            : line.find_first_not_of(' ', colon + 1)));
        at = head.find("\r\n", at + 2);
    }
    return found;
}

std::optional<std::string> raw_answer::field(std::string_view name) const {
    auto all = fields(name);
    if (all.empty()) return std::nullopt;
    return all.front();
}

raw_http::raw_http(unsigned short port, std::chrono::seconds patience) : patience_(patience) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        const std::string why = std::strerror(errno);
        close(fd_);
        throw std::runtime_error("connect to port " + std::to_string(port) + ": " + why);
    }
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

raw_http::raw_http(raw_http&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      patience_(other.patience_),
      unread_(std::move(other.unread_)) {}

raw_http::~raw_http() {
    if (fd_ >= 0) close(fd_);
}

void raw_http::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void raw_http::half_close() { shutdown(fd_, SHUT_WR); }

void raw_http::reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(std::exchange(fd_, -1));
}

bool raw_http::read_some() {
    pollfd ready{fd_, POLLIN, 0};
    const auto wait = std::chrono::milliseconds(patience_).count();
    if (poll(&ready, 1, static_cast<int>(wait)) <= 0)
        throw std::runtime_error("the server stays silent; so far: " + unread_);
    char buffer[65536];
    const auto got = recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    unread_.append(buffer, static_cast<std::size_t>(got));
    return true;
}

raw_answer raw_http::receive(bool head_only) {
    std::size_t end = 0;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos)
        if (!read_some()) throw std::runtime_error("the server closed; so far: " + unread_);
    raw_answer answer;
    answer.head = unread_.substr(0, end + 2);
    answer.status = std::stoi(answer.head.substr(answer.head.find(' ') + 1));
    unread_.erase(0, end + 4);
    const auto length = std::stoul(answer.field("Content-Length").value_or("0"));
    if (head_only || answer.status < 200) return answer;
    while (unread_.size() < length)
        if (!read_some()) throw std::runtime_error("the server closed within a body");
    answer.body = unread_.substr(0, length);
    unread_.erase(0, length);
    return answer;
}

bool raw_http::at_end() { return unread_.empty() && !read_some(); }

std::string raw_http::rest() {
    while (read_some()) {
    }
    return std::exchange(unread_, {});
}

raw_answer http_request(unsigned short port, std::string_view method, std::string_view target,
                        const std::vector<std::string>& fields, std::string_view body) {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    for (const auto& field : fields) text.append(field).append("\r\n");
    if (!body.empty() || method == "POST")
        text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    text.append("\r\n").append(body);
    raw_http connection(port);
    connection.send(text);
    return connection.receive(method == "HEAD");
}

void await_port(unsigned short port, child_process& listener, std::chrono::seconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (true) {
        try {
            raw_http probe(port);
            return;
        } catch (const std::runtime_error&) {
            if (!listener.running()) {
                listener.wait();
                throw std::runtime_error("ended before it listened: " + listener.err());
            }
            if (std::chrono::steady_clock::now() > until)
                throw std::runtime_error("nobody listens on port " + std::to_string(port));
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
    }
}

}  // namespace holdfast::test
