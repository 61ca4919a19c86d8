// The byte stream to a Redis: TCP, or TLS over it.
#pragma once

#include "holdfast/runtime.hpp"
#include "store/redis/redis_options.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

/// Why there is no connection: a code to act on and a line for people, "what; why; what to do".
struct link_problem {
    errc code = errc::store_unavailable;
    std::string text;
};

class redis_stream {
public:
    explicit redis_stream(boost::asio::any_io_executor executor) : socket_(executor) {}
    redis_stream(const redis_stream&) = delete;

    /// Resolves, connects, shakes hands. Cancellation (any type) throws operation_aborted.
    task<std::optional<link_problem>> open(const redis_options& options);

    /// Cancellation (any type) ends it with operation_aborted in `failed`.
    task<std::size_t> read_some(boost::asio::mutable_buffer into, error_code& failed);
    /// Writes what the socket takes without waiting: mostly all of it. 0 over TLS
    /// and when it is broken; write() says why.
    std::size_t write_at_once(boost::asio::const_buffer from) noexcept;
    /// Writes all of it. The bytes stay where they are until the handler is called with the error
    /// and how many bytes the kernel took.
    using write_handler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;
    void write(boost::asio::const_buffer from, write_handler done);
    task<std::size_t> write(boost::asio::const_buffer from, error_code& failed);
    /// True when the byte count of a failed write is exact, so that a command beyond it has
    /// certainly not left. TLS may have sent more than it says.
    bool counts_exactly() const noexcept { return !tls_; }

    /// Pending reads and writes end with operation_aborted. No I/O.
    void close() noexcept {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

private:
    using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
    task<endpoints> resolve(const redis_options& options, error_code& failed);
    task<error_code> connect(const endpoints& where);
    std::optional<link_problem> prepare_tls(const redis_options& options);

    boost::asio::ip::tcp::socket socket_;
    std::optional<boost::asio::ssl::context> context_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

}  // namespace holdfast
