// Just enough RESP2.
#include "support/redis_wire.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace holdfast::test {

redis_wire::redis_wire(unsigned short port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close(fd_);
        throw std::runtime_error(std::string("redis: ") + std::strerror(errno));
    }
}

redis_wire::~redis_wire() { close(fd_); }

std::string redis_wire::ask(const std::vector<std::string>& command) {
    std::string words = "*" + std::to_string(command.size()) + "\r\n";
    for (const auto& word : command)
        words += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    send(words);
    return hear();
}

void redis_wire::send(const std::string& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const auto n = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw std::runtime_error(std::string("redis: ") + std::strerror(errno));
        done += static_cast<std::size_t>(n);
    }
}

void redis_wire::read_more() {
    char buffer[4096];
    const auto n = recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) throw std::runtime_error("redis: the connection broke or nothing came");
    unread_.append(buffer, static_cast<std::size_t>(n));
}

std::string redis_wire::line() {
    std::size_t end = 0;
    while ((end = unread_.find("\r\n")) == unread_.npos) read_more();
    auto text = unread_.substr(0, end);
    unread_.erase(0, end + 2);
    return text;
}

std::string redis_wire::hear() {
    const auto head = line();
    const auto rest = head.substr(1);
    if (head[0] == '-') return head;
    if (head[0] == '$') {
        if (rest == "-1") return "(nil)";
        const auto size = std::stoul(rest);
        while (unread_.size() < size + 2) read_more();
        auto text = unread_.substr(0, size);
        unread_.erase(0, size + 2);
        return text;
    }
    if (head[0] != '*') return rest;
    std::string items;
    for (int left = std::stoi(rest); left > 0; --left) items += hear() + "\n";
    return items;
}

}  // namespace holdfast::test
