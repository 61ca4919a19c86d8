// Connecting, sending, giving up, noticing silence: what the Redis link does, without bytes.
#include "sim/world/link.hpp"

#include "base/encode.hpp"
#include "runtime/clear_slot.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::sim {
namespace {

namespace asio = boost::asio;

constexpr nanoseconds first_pause = milliseconds{20};
constexpr nanoseconds longest_pause = milliseconds{2000};

std::string random_hex(node& host) {
    std::array<std::byte, 16> bytes;
    host.fill_random(bytes);
    return hex_encode(bytes);
}

}  // namespace

sim_store::link::link(node& at, network& through, store_process& server, sim_store_options opts)
    : host(at),
      options(std::move(opts)),
      process_channel(options.prefix + "ch:" + random_hex(at)),
      fleet_channel(options.prefix + "fleet"),
      network_(through),
      server_(server) {}

// What another machine does reaches the link as a completion on its own node, of its own time.
template <class F>
std::function<void()> sim_store::link::on_node(F what) {
    return
        [weak = weak_from_this(), &at = host, born = host.incarnation(), what = std::move(what)] {
            if (at.incarnation() != born) return;
            at.post([weak, what] {
                if (const auto self = weak.lock()) what(*self);
            });
        };
}

void sim_store::link::begin() {
    host.at_end([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->calls_.clear();
    });
    connect();
}

void sim_store::link::connect() {
    if (stopped) return;
    const auto attempt = ++attempt_;
    auto through = std::make_shared<connection>(host);
    through->channels = {process_channel, fleet_channel};
    const std::weak_ptr<connection> mine = through;
    through->on_reset = on_node([mine](link& self) {
        if (self.up_ && self.connection_ == mine.lock()) self.went_down();
    });
    through->on_push = [this, weak = weak_from_this(), mine](const std::string& message) {
        if (weak.expired()) return;
        on_node([mine, message](link& self) {
            self.heard_at_ = self.host.now();
            if (self.up_ && self.connection_ == mine.lock()) self.pushes.deliver(message);
        })();
    };
    auto welcome = on_node([attempt, through](link& self) {
        if (self.attempt_ == attempt && !self.up_) self.came_up(through);
    });
    auto refused = on_node([attempt](link& self) { self.attempt_failed(attempt); });
    auto greet = [welcome, refused](bool accepted) { (accepted ? welcome : refused)(); };
    network_.send(host, through->to_store,
                  [&server = server_, through, greet] { server.accept(through, greet); });
    host.post_at(host.now() + options.connect_timeout, [weak = weak_from_this(), attempt, through] {
        const auto self = weak.lock();
        if (!self || self->connection_ == through) return;
        self->server_.client_gone(through);
        self->attempt_failed(attempt);
    });
}

void sim_store::link::came_up(const std::shared_ptr<connection>& through) {
    if (stopped) return;
    connection_ = through;
    up_ = true;
    failures_ = 0;
    heard_at_ = host.now();
    ++epoch;
    check_line();
    pushes.reconnected();
    for (auto& [id, one] : calls_)
        if (!one.sent) send(id, one);
}

void sim_store::link::attempt_failed(std::uint64_t attempt) {
    if (attempt != attempt_ || up_ || stopped) return;
    const auto most = std::min(first_pause * (1 << std::min(failures_++, 10U)), longest_pause);
    std::array<std::byte, 1> bits;
    host.fill_random(bits);
    const auto pause = most / 2 + most / 512 * std::to_integer<int>(bits[0]);
    host.post_at(host.now() + pause, [weak = weak_from_this(), attempt] {
        const auto self = weak.lock();
        if (self && self->attempt_ == attempt) self->connect();
    });
}

void sim_store::link::went_down() {
    up_ = false;
    server_.client_gone(std::exchange(connection_, nullptr));
    for (auto at = calls_.begin(); at != calls_.end();) {
        const auto which = at++;
        if (which->second.sent) finish(which, {}, errc::outcome_unknown);
    }
    connect();
}

void sim_store::link::add(const script& what, script_keys keys, script_args args, handler resume) {
    const auto id = ++last_call_;
    auto slot = asio::get_associated_cancellation_slot(resume);
    if (slot.is_connected())
        slot.assign([this, id](asio::cancellation_type) {
            if (const auto which = calls_.find(id); which != calls_.end())
                finish(which, asio::error::operation_aborted, errc::cancelled);
        });
    call one{what, std::move(keys), std::move(args), std::move(resume),
             host.now() + options.call_timeout};
    const auto place = calls_.emplace(id, std::move(one)).first;
    if (up_) send(id, place->second);
    arm();
}

void sim_store::link::send(std::uint64_t id, call& what) {
    what.sent = true;
    auto reply_to = [this, weak = weak_from_this(), id](result<reply> answer) {
        if (weak.expired()) return;
        auto arrived = std::make_shared<result<reply>>(std::move(answer));
        on_node([id, arrived](link& self) { self.answered(id, std::move(*arrived)); })();
    };
    struct request {
        script what;
        script_keys keys;
        script_args args;
    };
    auto asked =
        std::make_shared<const request>(what.what, std::move(what.keys), std::move(what.args));
    network_.send(host, connection_->to_store,
                  [&server = server_, through = connection_, asked, reply_to] {
                      server.execute(through, asked->what, asked->keys.values(),
                                     asked->args.values(), reply_to);
                  });
}

void sim_store::link::answered(std::uint64_t id, result<reply> answer) {
    heard_at_ = host.now();
    if (const auto which = calls_.find(id); which != calls_.end())
        finish(which, {}, std::move(answer));
}

void sim_store::link::finish(calls::iterator which, error_code failed, result<reply> answer) {
    auto& one = which->second;
    if (on_unknown && !failed && !answer && answer.error() == errc::outcome_unknown)
        on_unknown(one.what.name);
    clear_slot(one.resume);
    asio::post(host.executor(), asio::append(std::move(one.resume), failed, std::move(answer)));
    calls_.erase(which);
}

void sim_store::link::arm() {
    if (armed_ || calls_.empty()) return;
    armed_ = true;
    host.post_at(calls_.begin()->second.deadline, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->armed_ = false;
        self->expire();
        self->arm();
    });
}

void sim_store::link::expire() {
    bool unanswered = false;
    while (!calls_.empty() && calls_.begin()->second.deadline <= host.now()) {
        const auto which = calls_.begin();
        const bool sent = which->second.sent;
        unanswered = unanswered || sent;
        finish(which, {}, sent ? errc::outcome_unknown : errc::store_unavailable);
    }
    if (unanswered && up_ && host.now() - heard_at_ >= 3 * options.call_timeout) went_down();
}

// The real link pings when it is idle. Whether a ping would come back is known here without one.
void sim_store::link::check_line() {
    const bool dead = network_.is_cut(host) || !connection_->open;
    if (dead && host.now() - heard_at_ >= 3 * options.call_timeout) {
        went_down();
        return;
    }
    host.post_at(host.now() + 3 * options.call_timeout,
                 [weak = weak_from_this(), through = connection_] {
                     const auto self = weak.lock();
                     if (self && self->up_ && self->connection_ == through) self->check_line();
                 });
}

void sim_store::link::stop() {
    if (std::exchange(stopped, true)) return;
    ++attempt_;
    up_ = false;
    if (connection_) server_.client_gone(std::exchange(connection_, nullptr));
    while (!calls_.empty()) {
        const auto which = calls_.begin();
        finish(which, {}, which->second.sent ? errc::outcome_unknown : errc::shutting_down);
    }
}

}  // namespace holdfast::sim
