// Accepting, the coarse clock, draining.
#include "http/server.hpp"

#include "http/connection.hpp"
#include "runtime/deadline.hpp"
#include "runtime/wake_event.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

#include <fcntl.h>

#include <ctime>
#include <unordered_set>

namespace holdfast::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr milliseconds tick{250};
constexpr milliseconds after_accept_failure{100};
constexpr std::string_view full =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

std::string date_field(wall_time now) {
    const auto at = static_cast<std::time_t>(to_unix_seconds(now));
    std::tm parts{};
    gmtime_r(&at, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts)};
}

// Asio opens sockets that a program started by this process would inherit: a job could then keep
// the port, or a client's connection, open after we are gone.
void keep_from_children(int socket) noexcept { fcntl(socket, F_SETFD, FD_CLOEXEC); }

result<tcp::acceptor> open_acceptor(runtime& rt, const server_options& options) {
    error_code ec;
    const auto address = asio::ip::make_address(options.address, ec);
    if (ec) return errc::invalid_argument;
    const tcp::endpoint at(address, options.port);
    tcp::acceptor acceptor(rt.executor());
    using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    acceptor.open(at.protocol(), ec);
    if (!ec) keep_from_children(acceptor.native_handle());
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && options.reuse_port) acceptor.set_option(reuse_port(true), ec);
    if (!ec) acceptor.bind(at, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (!ec) acceptor.non_blocking(true, ec);
    if (ec) return ec;
    return acceptor;
}

}  // namespace

struct server::state : std::enable_shared_from_this<server::state> {
    state(tcp::acceptor listening, std::shared_ptr<connection_context> shared)
        : acceptor(std::move(listening)),
          context(std::move(shared)),
          connection_ended(context->rt.executor()) {}

    task<void> accept_all();
    task<void> watch_deadlines();
    void welcome(tcp::socket);
    void accept_waiting();
    void update_clock();
    /// A copy: what is done to one may end it.
    std::vector<connection*> all() const { return {connections.begin(), connections.end()}; }

    tcp::acceptor acceptor;
    std::shared_ptr<connection_context> context;
    wake_event connection_ended;
    std::unordered_set<connection*> connections;
    std::int64_t date_second = -1;
    bool stopped = false;
};

void server::state::update_clock() {
    context->clock = context->rt.now();
    const auto wall = context->rt.wall_now();
    if (to_unix_seconds(wall) == date_second) return;
    date_second = to_unix_seconds(wall);
    context->date_field = date_field(wall);
}

void server::state::welcome(tcp::socket socket) {
    keep_from_children(socket.native_handle());
    if (connections.size() >= context->options.connections) {
        error_code ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(full), ignored);
        return;
    }
    auto session = std::make_shared<connection>(context, std::move(socket));
    connections.insert(session.get());
    session->start([self = shared_from_this()](connection* ended) {
        self->connections.erase(ended);
        self->connection_ended.notify_all();
    });
}

task<void> server::state::accept_all() {
    const auto self = shared_from_this();
    while (acceptor.is_open()) {
        error_code ec;
        auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) {
            welcome(std::move(socket));
        } else if (acceptor.is_open() && ec != asio::error::connection_aborted) {
            context->log.warn("http.accept_failed", {{"why", ec.message()}});
            co_await context->rt.sleep_until(context->rt.now() + after_accept_failure);
        }
    }
}

task<void> server::state::watch_deadlines() {
    const auto self = shared_from_this();
    while (!stopped || !connections.empty()) {
        co_await context->rt.sleep_until(context->rt.now() + tick);
        update_clock();
        for (auto* one : all()) one->check_deadline();
    }
}

// Those who have connected before we stop listening would otherwise be reset.
void server::state::accept_waiting() {
    error_code ec;
    while (true) {
        auto socket = acceptor.accept(ec);
        if (ec) break;
        welcome(std::move(socket));
    }
    acceptor.close(ec);
}

server::server(std::shared_ptr<state> s) : state_(std::move(s)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;

server::~server() {
    if (state_ == nullptr) return;
    state_->stopped = true;
    error_code ignored;
    state_->acceptor.close(ignored);
}

result<server> server::listen(runtime& rt, server_options options, handler answer, metrics& counts,
                              logger log) {
    auto acceptor = open_acceptor(rt, options);
    if (!acceptor) return acceptor.error();
    auto context = std::make_shared<connection_context>(connection_context{
        rt, std::move(options), std::move(answer), std::move(log),
        counts.counter({"holdfast_http_refused_total",
                        "Requests refused before routing: malformed, too large, too slow."}),
        counts.counter(
            {"holdfast_http_timed_out_total", "Connections cut because the peer was too slow."}),
        counts.gauge({"holdfast_http_connections", "Open connections."})});
    auto made = std::make_shared<state>(std::move(*acceptor), std::move(context));
    made->update_clock();
    return server(std::move(made));
}

unsigned short server::port() const { return state_->acceptor.local_endpoint().port(); }
std::size_t server::open_connections() const noexcept { return state_->connections.size(); }

void server::start() {
    asio::co_spawn(state_->context->rt.executor(), state_->accept_all(), asio::detached);
    asio::co_spawn(state_->context->rt.executor(), state_->watch_deadlines(), asio::detached);
}

task<std::size_t> server::drain(steady_time deadline) {
    const auto kept = state_;
    auto& rt = kept->context->rt;
    kept->accept_waiting();
    kept->stopped = kept->context->draining = true;
    for (auto* one : kept->all()) one->finish();
    const auto all_ended = [](std::shared_ptr<state> s) -> task<void> {
        while (!s->connections.empty()) co_await s->connection_ended.wait();
    };
    const auto ended = co_await before_deadline(rt, deadline, all_ended(kept));
    if (ended) co_return 0;
    const auto cut = kept->connections.size();
    for (auto* one : kept->all()) one->abort();
    while (!kept->connections.empty()) co_await kept->connection_ended.wait();
    co_return cut;
}

}  // namespace holdfast::http
