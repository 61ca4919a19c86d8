// A foreign client: commands written to the wire by hand (RESP2), answers as they come.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace holdfast::test {

/// A blocking connection to a Redis on 127.0.0.1. Throws std::runtime_error when it breaks or
/// nothing comes for 20 s.
class redis_wire {
public:
    explicit redis_wire(unsigned short port);
    ~redis_wire();
    redis_wire(const redis_wire&) = delete;

    /// Text of a bulk or status, digits of an integer, "(nil)", "-ERR …" of an error, and the items
    /// of an array one a line.
    std::string ask(const std::vector<std::string>& command);
    long long number(const std::vector<std::string>& command) { return std::stoll(ask(command)); }
    /// Bytes as they are, without waiting for an answer; then the next answer.
    void send(const std::string& bytes);
    std::string hear();

private:
    std::string line();
    void read_more();

    int fd_;
    std::string unread_;
};

}  // namespace holdfast::test
