// Bytes over a TCP connection, exactly as a test wants them, and what comes back.
#pragma once

#include "support/child_process.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

/// One answer, taken apart far enough to assert on.
struct raw_answer {
    int status = 0;
    std::string head;  ///< status line and fields
    std::string body;

    /// The first value of a field, name compared without case.
    std::optional<std::string> field(std::string_view name) const;
    /// All values of a field, in order.
    std::vector<std::string> fields(std::string_view name) const;
};

/// A blocking client connection to 127.0.0.1. Throws std::runtime_error when nothing comes for
/// `patience`.
class raw_http {
public:
    explicit raw_http(unsigned short port,
                      std::chrono::seconds patience = std::chrono::seconds{20});
    raw_http(raw_http&& other) noexcept;
    ~raw_http();

    /// Sends all of it; what the peer has closed is ignored, as the answer may be waiting.
    void send(std::string_view bytes);
    /// No more from us; the peer sees the end of the stream.
    void half_close();
    /// Closes with a TCP reset.
    void reset();

    /// The next answer (by its Content-Length; `head_only` for answers to HEAD). Throws at the end
    /// of the stream.
    raw_answer receive(bool head_only = false);
    /// Whether the peer has closed and nothing was left to read.
    bool at_end();
    /// Everything until the peer closes.
    std::string rest();

    raw_answer ask(std::string_view bytes) {
        send(bytes);
        return receive();
    }

private:
    bool read_some();

    int fd_ = -1;
    std::chrono::seconds patience_;
    std::string unread_;
};

/// One request on a connection of its own. `fields` are lines without their line end.
raw_answer http_request(unsigned short port, std::string_view method, std::string_view target,
                        const std::vector<std::string>& fields = {}, std::string_view body = {});

/// Returns once somebody listens on the port. Throws, with what the process said, when the process
/// ends first or does not listen within `patience`.
void await_port(unsigned short port, child_process& listener,
                std::chrono::seconds patience = std::chrono::seconds{20});

}  // namespace holdfast::test
