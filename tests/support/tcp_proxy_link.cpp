// Reading, keeping, losing and passing on.
#include "support/tcp_proxy_link.hpp"

#include <boost/asio/write.hpp>

namespace holdfast::test {
namespace {

using boost::system::error_code;
using flow = tcp_proxy::flow;

constexpr std::size_t most_chunks = 256;

void reset(boost::asio::ip::tcp::socket& socket) {
    error_code ignored;
    socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

}  // namespace

proxy_link::proxy_link(tcp::socket client, proxy_rules& rules)
    : client_(std::move(client)),
      server_(client_.get_executor()),
      rules_(rules),
      lanes_{lane(client_, server_), lane(server_, client_)} {
    for (std::size_t way = 0; way < 2; ++way) lanes_[way].how = rules.flows[way];
}

void proxy_link::open(unsigned short server_port) {
    const tcp::endpoint server(boost::asio::ip::address_v4::loopback(), server_port);
    server_.async_connect(server, [self = shared_from_this()](error_code failed) {
        if (failed) return self->cut();
        error_code ignored;
        self->client_.set_option(tcp::no_delay(true), ignored);
        self->server_.set_option(tcp::no_delay(true), ignored);
        self->read(0);
        self->read(1);
    });
}

void proxy_link::set(tcp_proxy::way which, flow how) {
    const auto way = static_cast<int>(which);
    lanes_[static_cast<std::size_t>(way)].how = how;
    pump(way);
}

void proxy_link::cut() {
    if (ended_) return;
    ended_ = true;
    ++rules_.counted.cuts;
    for (auto& each : lanes_) each.timer.cancel();
    reset(client_);
    reset(server_);
}

std::size_t proxy_link::held(int way) const noexcept {
    std::size_t bytes = 0;
    for (const auto& each : lanes_[static_cast<std::size_t>(way)].queue) bytes += each.bytes.size();
    return bytes;
}

void proxy_link::read(int way) {
    auto& on = lanes_[static_cast<std::size_t>(way)];
    if (on.reading || ended_ || on.queue.size() >= most_chunks) return;
    on.reading = true;
    on.from.async_read_some(
        boost::asio::buffer(on.buffer),
        [self = shared_from_this(), way, &on](error_code failed, std::size_t bytes) {
            on.reading = false;
            if (self->ended_) return;
            self->arrived(way, std::string(on.buffer.data(), failed ? 0 : bytes));
            if (!failed) self->read(way);
        });
}

void proxy_link::arrived(int way, std::string bytes) {
    auto& on = lanes_[static_cast<std::size_t>(way)];
    const bool cut_now = rules_.cut_next[way] && !bytes.empty();
    if (on.how == flow::lose || cut_now) {
        rules_.counted.lost[way] += bytes.size();
        on.lost = true;
        if (!cut_now) return;
        rules_.cut_next[way] = false;
        return cut();
    }
    on.queue.push_back({std::move(bytes), std::chrono::steady_clock::now() + rules_.delays[way]});
    pump(way);
}

void proxy_link::pump(int way) {
    auto& on = lanes_[static_cast<std::size_t>(way)];
    if (on.writing || ended_ || on.how == flow::hold || on.queue.empty()) return;
    on.writing = true;
    on.timer.expires_at(on.queue.front().due);
    on.timer.async_wait([self = shared_from_this(), way, &on](error_code) {
        on.writing = false;
        if (!self->ended_ && on.how != flow::hold) self->write(way);
    });
}

void proxy_link::write(int way) {
    auto& on = lanes_[static_cast<std::size_t>(way)];
    auto bytes = std::make_shared<std::string>(std::move(on.queue.front().bytes));
    on.queue.pop_front();
    if (bytes->empty()) return end_of(way);
    on.writing = true;
    boost::asio::async_write(
        on.to, boost::asio::buffer(*bytes),
        [self = shared_from_this(), way, bytes, &on](error_code failed, std::size_t) {
            on.writing = false;
            if (self->ended_) return;
            if (failed) return self->cut();
            self->rules_.counted.passed[way] += bytes->size();
            self->read(way);
            self->pump(way);
        });
}

void proxy_link::end_of(int way) {
    auto& on = lanes_[static_cast<std::size_t>(way)];
    on.over = true;
    error_code ignored;
    on.to.shutdown(tcp::socket::shutdown_send, ignored);
    if (!lanes_[0].over || !lanes_[1].over) return;
    ended_ = true;
    client_.close(ignored);
    server_.close(ignored);
}

}  // namespace holdfast::test
