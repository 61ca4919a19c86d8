// The life of a connection, as one coroutine.
#include "http/connection.hpp"

#include "base/encode.hpp"
#include "http/characters.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <cstring>
#include <exception>

namespace holdfast::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t first_room = 4 * 1024;
constexpr std::size_t least_room = 1024;
constexpr std::size_t most_lingering = 256 * 1024;
constexpr milliseconds lingering_time{2'000};
constexpr std::size_t id_prefix = 16;

void append_number(std::string& out, std::size_t n) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
}

// A socket for both families shows an IPv4 peer as ::ffff:1.2.3.4; rules and logs write 1.2.3.4.
std::string text_of(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

bool is_sane_id(std::string_view id) noexcept {
    constexpr std::size_t longest = 64;
    return id.size() <= longest && is_token(id);
}

}  // namespace

connection::connection(std::shared_ptr<connection_context> context, asio::ip::tcp::socket socket)
    : context_(std::move(context)),
      socket_(std::move(socket)),
      parser_(context_->options.limits),
      chunks_(context_->options.limits) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    const auto peer = socket_.remote_endpoint(ignored);
    remote_address_ = ignored ? std::string("unknown") : text_of(peer.address());
    std::array<std::byte, id_prefix / 2> random{};
    context_->rt.fill_random(random);
    std::memcpy(id_.data(), hex_encode(random).data(), id_prefix);
    id_[id_prefix] = '-';
}

void connection::start(std::function<void(connection*)> on_end) {
    enter(phase::idle, context_->options.timeouts.head);
    auto ended = [self = shared_from_this(), on_end = std::move(on_end)](std::exception_ptr) {
        self->context_->open.add(-1);
        on_end(self.get());
    };
    context_->open.add(1);
    asio::co_spawn(context_->rt.executor(), serve(),
                   asio::bind_cancellation_slot(cancel_.slot(), std::move(ended)));
}

void connection::enter(phase next, milliseconds limit) {
    phase_ = next;
    deadline_ = context_->clock + limit;
}

// Each reading or writing phase has an operation pending, so cancelling it is enough; the operation
// may have completed just now, then the next check comes before the deadline is forgotten.
void connection::check_deadline() {
    if (phase_ == phase::handling || context_->clock < deadline_) return;
    if (phase_ == phase::head || phase_ == phase::body) context_->timed_out.add();
    closing_ = true;
    socket_.cancel();
}

// Whoever keeps a connection may be asking at this very moment: that one is answered, and told that
// nothing else will be.
void connection::finish() {
    if (phase_ == phase::idle) enter(phase::idle, context_->options.timeouts.last);
}

void connection::abort() {
    closing_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
    error_code ignored;
    socket_.close(ignored);
}

task<void> connection::serve() {
    bool more = true;
    while (more) {
        begin();
        auto head = take_head();
        while (head == progress::more) {
            const bool arrived = co_await read_some();
            if (!arrived) break;
            head = take_head();
        }
        if (head == progress::refused) co_await refuse(parser_.refused());
        if (head != progress::done) break;
        if (has_body()) {
            const bool whole = co_await read_body();
            if (!whole) break;
        }
        complete();
        auto given = ask();
        if (given.ready() == nullptr) {
            auto later = wait_for(given.later());
            given = co_await std::move(later);
        }
        more = finish_request(*given.ready());
        std::string_view rest = out_;
        if (!write_at_once(rest)) break;
        if (!rest.empty()) {
            const bool written = co_await write_rest(rest);
            if (!written) break;
        }
        if (!more) co_await linger();
    }
    error_code ignored;
    socket_.close(ignored);
}

void connection::begin() {
    parser_.reset();
    chunks_.reset();
    const auto& limits = context_->options.timeouts;
    if (served_++ > 0) enter(phase::idle, context_->draining ? limits.last : limits.idle);
}

progress connection::take_head() {
    if (begin_ == end_) return progress::more;
    if (phase_ == phase::idle) enter(phase::head, context_->options.timeouts.head);
    return parser_.feed(input());
}

bool connection::has_body() const noexcept {
    return parser_.content_length() > 0 || parser_.chunked();
}

// Head and body are here: the request as handlers see it.
void connection::complete() {
    body_size_ = parser_.chunked() ? body_size_ : parser_.content_length();
    parser_.fill(request_, input());
    request_.body =
        parser_.chunked() ? chunks_.body() : input().substr(parser_.head_size(), body_size_);
    request_.remote_address = remote_address_;
    request_.complete_at = context_->rt.now();
    choose_id();
    phase_ = phase::handling;
}

// True when another request may follow.
bool connection::finish_request(const response& answered) {
    const bool keep = parser_.keep_alive() && !context_->draining && !closing_;
    serialize(answered, keep);
    begin_ += parser_.head_size() + body_size_;
    return keep;
}

task<bool> connection::read_body() {
    body_size_ = parser_.content_length();
    enter(phase::body, context_->options.timeouts.body);
    if (input().size() == parser_.head_size() && parser_.expects_continue()) {
        const bool said = co_await say_continue();
        if (!said) co_return false;
    }
    if (parser_.chunked()) co_return co_await read_chunks();
    while (input().size() < parser_.head_size() + body_size_) {
        const bool more = co_await read_some();
        if (!more) co_return false;
    }
    co_return true;
}

task<bool> connection::read_chunks() {
    while (true) {
        const auto now = chunks_.feed(input().substr(parser_.head_size()));
        if (now == progress::done) break;
        if (now == progress::refused) {
            co_await refuse(chunks_.refused());
            co_return false;
        }
        const bool more = co_await read_some();
        if (!more) co_return false;
    }
    body_size_ = chunks_.size();
    co_return true;
}

task<bool> connection::say_continue() {
    if (parser_.http_1_0()) co_return true;
    co_return co_await write("HTTP/1.1 100 Continue\r\n\r\n");
}

// False when the connection is at its end: closed by the peer, out of time, or idle while draining.
task<bool> connection::read_some() {
    while (true) {
        if (closing_) break;
        make_room();
        error_code ec;
        const auto got = co_await socket_.async_read_some(
            asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
            asio::redirect_error(asio::deferred, ec));
        end_ += got;
        if (got > 0) co_return true;
        if (ec != asio::error::operation_aborted) co_return false;
    }
    if (phase_ == phase::head || phase_ == phase::body) {
        closing_ = false;
        const refusal slow{408, "the request took too long"};
        co_await refuse(slow);
    }
    co_return false;
}

// Room to read into: moves what is unread to the front, or grows. A request's head and body lie
// side by side; views are taken only when both are complete.
void connection::make_room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (buffer_.size() - end_ >= least_room) return;
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() - end_ < least_room)
        buffer_.resize(std::max(first_room, buffer_.size() * 2));
}

void connection::choose_id() {
    if (const auto given = request_.headers.find("X-Request-Id"); given && is_sane_id(*given)) {
        request_.id = *given;
        return;
    }
    const auto end =
        std::to_chars(id_.data() + id_prefix + 1, id_.data() + id_.size(), served_).ptr;
    request_.id = {id_.data(), static_cast<std::size_t>(end - id_.data())};
}

answering connection::ask() {
    try {
        return context_->handler(request_);
    } catch (const std::exception& e) {
        return failed(e);
    }
}

task<response> connection::wait_for(task<response> later) {
    try {
        co_return co_await std::move(later);
    } catch (const std::exception& e) {
        co_return failed(e);
    }
}

response connection::failed(const std::exception& why) const {
    context_->log.error("http.handler_failed",
                        {{"id", std::string(request_.id)}, {"why", why.what()}});
    response made(500);
    made.content("application/json; charset=utf-8",
                 R"({"error_code":50000,"data":null,"message":"internal error"})");
    return made;
}

void connection::serialize(const response& answered, bool keep_alive) {
    out_.assign("HTTP/1.1 ");
    append_number(out_, static_cast<std::size_t>(answered.status()));
    out_.append(" ").append(reason_phrase(answered.status())).append("\r\n");
    out_.append(context_->date_field);
    out_.append("X-Request-Id: ").append(request_.id).append("\r\n");
    out_.append(answered.fields());
    if (answered.status() != 204 && answered.status() != 304) {
        out_.append("Content-Length: ");
        append_number(out_, answered.body().size());
        out_.append("\r\n");
    }
    if (!keep_alive)
        out_.append("Connection: close\r\n");
    else if (parser_.http_1_0())
        out_.append("Connection: keep-alive\r\n");
    out_.append("\r\n");
    if (request_.method != "HEAD") out_.append(answered.body());
}

// Leaves what the socket does not take now, which is nothing but for large answers. False: broken.
bool connection::write_at_once(std::string_view& text) {
    error_code ec;
    const auto sent = socket_.write_some(asio::buffer(text.data(), text.size()), ec);
    if (ec && ec != asio::error::would_block) return false;
    text.remove_prefix(ec ? 0 : sent);
    return true;
}

task<bool> connection::write_rest(std::string_view text) {
    const auto before = phase_;
    enter(phase::writing, context_->options.timeouts.write);
    error_code ec;
    co_await asio::async_write(socket_, asio::buffer(text.data(), text.size()),
                               asio::redirect_error(asio::use_awaitable, ec));
    phase_ = before;
    co_return !ec;
}

task<bool> connection::write(std::string_view text) {
    if (!write_at_once(text)) co_return false;
    if (text.empty()) co_return true;
    co_return co_await write_rest(text);
}

task<void> connection::refuse(refusal because) {
    context_->refused.add();
    context_->log.debug("http.refused", {{"remote", remote_address_},
                                         {"status", std::to_string(because.status)},
                                         {"why", std::string(because.why)}});
    response refused(because.status);
    std::string body =
        R"({"error_code":)" + std::to_string(because.status * 100) + R"(,"data":null,"message":")";
    body.append(because.why).append("\"}");
    refused.content("application/json; charset=utf-8", std::move(body));
    request_.method = {};
    request_.headers.clear();
    choose_id();
    serialize(refused, false);
    const bool written = co_await write(out_);
    if (written) co_await linger();
}

// Closing with unread input makes TCP throw our last answer away; so the peer is told that nothing
// follows and what it still sends is read, for a while.
task<void> connection::linger() {
    error_code ec;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    enter(phase::lingering, lingering_time);
    std::size_t discarded = 0;
    begin_ = end_ = 0;
    make_room();
    while (!ec && !closing_ && discarded < most_lingering)
        discarded += co_await socket_.async_read_some(
            asio::buffer(buffer_), asio::redirect_error(asio::use_awaitable, ec));
}

}  // namespace holdfast::http
