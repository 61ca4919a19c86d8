// One client's connection: requests in, answers out, in order.
#pragma once

#include "http/chunked_decoder.hpp"
#include "http/server.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::http {

/// What all connections of a server share. The clock is coarse: set about four times a second.
struct connection_context {
    runtime& rt;
    server_options options;
    http::handler handler;
    logger log;
    counter& refused;
    counter& timed_out;
    gauge& open;
    steady_time clock{};
    std::string date_field;  ///< "Date: …\r\n"
    bool draining = false;
};

class connection : public std::enable_shared_from_this<connection> {
public:
    connection(std::shared_ptr<connection_context>, boost::asio::ip::tcp::socket);

    /// Serves until either side ends it. Keeps itself alive.
    void start(std::function<void(connection*)> on_end);

    /// Cuts a connection that has overstayed the deadline of what it is doing.
    void check_deadline();
    /// One more request at most: closes after the answer under way, or when none begins soon.
    void finish();
    /// Ends it now; a handler under way is cancelled.
    void abort();

private:
    enum class phase { idle, head, body, handling, writing, lingering };

    task<void> serve();
    void begin();
    progress take_head();
    bool has_body() const noexcept;
    void complete();
    bool finish_request(const response& answered);
    task<bool> read_body();
    task<bool> read_chunks();
    task<bool> read_some();
    task<bool> say_continue();
    answering ask();
    task<response> wait_for(task<response> later);
    response failed(const std::exception& why) const;
    bool write_at_once(std::string_view& text);
    task<bool> write_rest(std::string_view text);
    task<bool> write(std::string_view text);
    task<void> refuse(refusal);
    task<void> linger();
    void enter(phase, milliseconds limit);
    void serialize(const response&, bool keep_alive);
    void choose_id();
    std::string_view input() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
    void make_room();

    std::shared_ptr<connection_context> context_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::cancellation_signal cancel_;
    std::string remote_address_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string out_;
    request_parser parser_;
    chunked_decoder chunks_;
    request request_;
    std::size_t body_size_ = 0;
    std::array<char, 40> id_{};
    std::uint64_t served_ = 0;
    phase phase_ = phase::idle;
    steady_time deadline_ = steady_time::max();
    bool closing_ = false;
};

}  // namespace holdfast::http
