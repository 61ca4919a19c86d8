// Life of the connection: connect, read, notice silence, connect again.
#include "runtime/deadline.hpp"
#include "store/redis/redis_link.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <array>
#include <cstring>

namespace holdfast {
namespace asio = boost::asio;

namespace {

constexpr seconds least_patience{1};  // with a server that has gone silent, however short calls are

}  // namespace

void redis_link::begin() {
    if (stage_ != stage::fresh) return;
    stage_ = stage::connecting;
    keepers_ = 2;
    auto ended = [self = shared_from_this()](std::exception_ptr) {
        --self->keepers_;
        self->changed_.notify_all();
    };
    asio::co_spawn(rt_.executor(), maintain(shared_from_this()),
                   asio::bind_cancellation_slot(end_maintain_.slot(), ended));
    asio::co_spawn(rt_.executor(), watch(shared_from_this()),
                   asio::bind_cancellation_slot(end_watch_.slot(), ended));
}

void redis_link::stop() {
    if (stage_ == stage::stopped) return;
    stage_ = stage::stopped;
    problem_ = {errc::shutting_down, "the store is closed; this process is ending; start it again"};
    if (stream_) stream_->close();
    call_queue::calls finished;
    calls_.fail_all(errc::shutting_down, finished);
    resume_all(finished);
    end_maintain_.emit(asio::cancellation_type::terminal);
    end_watch_.emit(asio::cancellation_type::terminal);
    changed_.notify_all();
}

task<void> redis_link::joined() {
    const auto self = shared_from_this();
    while (keepers_ > 0 || writing_) co_await changed_.wait();
}

task<result<void>> redis_link::first_attempt() {
    const auto self = shared_from_this();
    while (!attempted_ && !stopped()) co_await changed_.wait();
    if (!up()) co_return make_error_code(problem_.code);
    co_return result<void>();
}

task<void> redis_link::maintain(std::shared_ptr<redis_link> self) {
    while (!self->stopped()) {
        auto problem = co_await self->connect();
        if (problem) {
            self->attempt_failed(std::move(*problem));
        } else {
            co_await self->read_until_lost();
            self->went_down();
        }
        const auto wake = self->rt_.now() + self->pause_before_retry();
        co_await self->rt_.sleep_until(wake);
    }
}

task<greeting> redis_link::establish() {
    greeting met;
    met.problem = co_await stream_->open(options_);
    if (!met.problem) met = co_await greet(*stream_, in_, options_, channels_);
    co_return met;
}

task<std::optional<link_problem>> redis_link::connect() {
    stream_ = std::make_unique<redis_stream>(rt_.executor());
    in_ = inbox();
    const auto deadline = rt_.now() + options_.connect_timeout;
    auto met = co_await before_deadline(rt_, deadline, establish());
    if (!met) {
        stream_->close();
        co_return link_problem{errc::store_unavailable,
                               "cannot reach Redis at " + options_.address() +
                                   "; no greeting within " +
                                   std::to_string(options_.connect_timeout.count()) +
                                   " ms; start it, correct the store url" +
                                   (options_.tls ? ", see that it speaks TLS there" : "") +
                                   " or look for a firewall between"};
    }
    if (met->problem) {
        stream_->close();
        co_return std::move(met->problem);
    }
    came_up(*met);
    co_return std::nullopt;
}

void redis_link::came_up(greeting& met) {
    if (stopped()) return;
    stage_ = stage::up;
    attempted_ = true;
    problem_ = {};
    facts_ = std::move(met.facts);
    ++epoch_;
    bytes_written_ = calls_.bytes_encoded();
    stirred_ = true;
    answered_ = leaving_ = false;
    up_since_ = rt_.now();
    lost_because_.clear();
    log_.info("store.up", {{"store", options_.address()}, {"version", facts_.version}});
    if (facts_.replica)
        log_.warn("store.replica",
                  {{"store", options_.address()},
                   {"hint", "it refuses writes; name the primary in the store url"}});
    if (!facts_.eviction.empty() && facts_.eviction != "noeviction")
        log_.warn("store.evicts", {{"store", options_.address()},
                                   {"maxmemory_policy", facts_.eviction},
                                   {"hint", "locks may vanish; set maxmemory-policy noeviction"}});
    const auto address = options_.address();
    events_.record({event_kind::store_up, address, {}, epoch_, facts_.version});
    changed_.notify_all();
    for (const auto& early : met.early_pushes) take_push(early.value);
    pushes_.reconnected();
    flush();
}

task<void> redis_link::read_until_lost() {
    reading_ = true;
    for (;;) {
        // What came right behind the greeting is in the buffer already.
        while (auto message = in_.next()) take(std::move(*message));
        if (in_.corrupt()) lost_because_ = "what it sends is not RESP3";
        if (in_.corrupt() || stopped()) break;
        leave_when_answered();
        error_code failed;
        const auto bytes = co_await stream_->read_some(in_.space(), failed);
        if (failed) {
            if (lost_because_.empty()) lost_because_ = failed.message();
            break;
        }
        in_.arrived(bytes);
        stirred_ = true;
    }
    reading_ = false;
    stream_->close();
    while (writing_) co_await changed_.wait();
}

void redis_link::went_down() {
    if (stopped()) return;
    stage_ = stage::down;
    down_since_ = rt_.now();
    if (answered_) backoff_.reset();
    const auto address = options_.address();
    problem_ = {errc::store_unavailable, "lost the connection to Redis at " + address + "; " +
                                             lost_because_ + "; it is being built anew"};
    log_.warn("store.down", {{"store", address}, {"why", lost_because_}});
    call_queue::calls finished;
    // Where a failed write does not say exactly how much has left, all of it may have.
    calls_.connection_lost(stream_->counts_exactly() ? bytes_written_ : calls_.bytes_encoded(),
                           finished);
    resume_all(finished);
    events_.record({event_kind::store_down, address, {}, epoch_, lost_because_});
}

void redis_link::attempt_failed(link_problem problem) {
    if (stopped()) return;
    if (stage_ == stage::connecting) {
        stage_ = stage::down;
        down_since_ = rt_.now();
        events_.record({event_kind::store_down, options_.address(), {}, epoch_, problem.text});
    }
    if (problem.text != problem_.text) log_.warn("store.unreachable", {{"why", problem.text}});
    problem_ = std::move(problem);
    attempted_ = true;
    answered_ = false;
    changed_.notify_all();
}

nanoseconds redis_link::pause_before_retry() {
    if (answered_) {  // it worked until now: at once
        answered_ = false;
        return {};
    }
    std::array<std::byte, 8> random;
    rt_.fill_random(random);
    std::uint64_t bits = 0;
    std::memcpy(&bits, random.data(), sizeof bits);
    return backoff_.next(bits);
}

task<void> redis_link::watch(std::shared_ptr<redis_link> self) {
    auto last = self->rt_.now();
    call_queue::calls finished;
    while (!self->stopped()) {
        const auto now = self->rt_.now();
        self->calls_.expire(now, finished);
        self->resume_all(finished);
        self->check_silence(now - last);
        last = now;
        const auto earliest = self->calls_.next_deadline();
        const auto look = now + self->look_every();
        const auto wake = earliest ? std::min(*earliest, look) : look;
        co_await self->rt_.sleep_until(wake);
    }
}

nanoseconds redis_link::look_every() const { return nanoseconds(options_.call_timeout) / 4; }

// A link that is silent for as long as a call may take, although something was asked, is given up:
// one call may suffer from a half-open link, not those after it. Time this process did not run is
// not the server's silence: at most one look is counted at once.
void redis_link::check_silence(nanoseconds passed) {
    if (stage_ != stage::up) return;
    const nanoseconds limit = options_.call_timeout;
    silent_for_ += std::min(passed, look_every());
    if (std::exchange(stirred_, false)) silent_for_ = {};
    if (calls_.awaits_answer()) {
        if (silent_for_ < std::max<nanoseconds>(limit, least_patience)) return;
        lost_because_ = "it has been silent for too long";
        stream_->close();
    } else if (silent_for_ >= limit / 2 && !writing_ && !leaving_) {
        out_.clear();
        calls_.encode_ping(out_);
        stirred_ = true;
        write();
    }
}

}  // namespace holdfast
