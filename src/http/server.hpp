// An HTTP/1.1 server on one runtime: the shard of a daemon, or the whole of a small one.
#pragma once

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "http/message.hpp"
#include "http/request_parser.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace holdfast::http {

/// How long a peer may take. Checked about four times a second.
struct timeouts {
    milliseconds head{10'000};  ///< from the first byte of a request to the end of its head
    milliseconds body{30'000};  ///< from the end of the head to the end of the body
    milliseconds idle{75'000};  ///< between requests
    milliseconds write{30'000};
    milliseconds last{500};  ///< while draining: for one more request on a kept connection
};

struct server_options {
    std::string address = "127.0.0.1";  ///< numeric, v4 or v6
    unsigned short port = 0;            ///< 0: the system picks one
    bool reuse_port = false;            ///< several shards listen on one port
    std::size_t connections = 10'000;   ///< beyond it, new ones get 503
    http::limits limits = {};
    http::timeouts timeouts = {};
};

/// Keep-alive, pipelining in order, HEAD, Expect: 100-continue. Requests that two readers of HTTP
/// could understand differently are answered 400 and the connection is closed.
///
/// Thread rule: everything on the runtime's thread. The handler is called there too, one request a
/// connection at a time. The runtime, metrics and journal outlive the server; sessions under way
/// keep what they need alive, so the server may go before its runtime has run dry.
class server {
public:
    /// Binds and listens; no connection is accepted before start(). Failure: errc::invalid_argument
    /// for an address that is not numeric, else what the system said (address in use, permission).
    static result<server> listen(runtime&, server_options, handler, metrics&, logger);

    server(server&&) noexcept;
    server& operator=(server&&) noexcept;
    /// Stops accepting; does not wait for sessions.
    ~server();

    unsigned short port() const;
    void start();

    /// Graceful end: accepts what has connected already, then no more; idle connections close,
    /// requests under way are answered with `Connection: close`. At the deadline the rest is cut.
    /// Returns how many were cut.
    task<std::size_t> drain(steady_time deadline);

    std::size_t open_connections() const noexcept;

private:
    struct state;
    explicit server(std::shared_ptr<state>);
    std::shared_ptr<state> state_;
};

}  // namespace holdfast::http
