// One connection of the proxy: two lanes of bytes, each with its own fate.
#pragma once

#include "support/tcp_proxy.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <deque>

namespace holdfast::test {

/// What new and present connections do with their bytes.
struct proxy_rules {
    tcp_proxy::flow flows[2] = {};
    std::chrono::milliseconds delays[2] = {};
    bool cut_next[2] = {};
    tcp_proxy::counts counted;
};

/// Lives until both sides have ended or it is cut. On the proxy's thread only.
class proxy_link : public std::enable_shared_from_this<proxy_link> {
public:
    using tcp = boost::asio::ip::tcp;

    /// The rules outlive it; its flows are its own from then on.
    proxy_link(tcp::socket client, proxy_rules& rules);

    void open(unsigned short server_port);
    void set(tcp_proxy::way which, tcp_proxy::flow how);
    /// Resets both sides.
    void cut();
    bool ended() const noexcept { return ended_; }
    bool has_lost() const noexcept { return lanes_[0].lost || lanes_[1].lost; }
    std::size_t held(int way) const noexcept;

private:
    struct chunk {
        std::string bytes;  // none: the side has ended
        std::chrono::steady_clock::time_point due;
    };
    struct lane {
        lane(tcp::socket& reads, tcp::socket& writes)
            : from(reads), to(writes), timer(reads.get_executor()) {}
        tcp::socket& from;
        tcp::socket& to;
        boost::asio::steady_timer timer;
        tcp_proxy::flow how = tcp_proxy::flow::pass;
        std::deque<chunk> queue;
        std::array<char, 16384> buffer;
        bool reading = false;
        bool writing = false;  // or waiting for the time to
        bool lost = false;
        bool over = false;  // the end has been passed on
    };

    void read(int way);
    void arrived(int way, std::string bytes);
    void pump(int way);
    void write(int way);
    void end_of(int way);

    tcp::socket client_;
    tcp::socket server_;
    proxy_rules& rules_;
    std::array<lane, 2> lanes_;
    bool ended_ = false;
};

}  // namespace holdfast::test
