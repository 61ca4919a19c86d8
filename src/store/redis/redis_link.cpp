// Calls and bytes: queueing, writing in bunches, matching answers, delivering pushes.
#include "store/redis/redis_link.hpp"

#include "base/encode.hpp"
#include "store/redis/error_reply.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <array>

namespace holdfast {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_bytes_a_write = std::size_t{1} << 18;
constexpr seconds least_stay{1};  // between two reconnects because a replica answered

push_channels choose_channels(runtime& rt, const std::string& prefix) {
    std::array<std::byte, 16> random;
    rt.fill_random(random);
    return {prefix + "ch:" + hex_encode(random), prefix + "fleet"};
}

// A call leaves the queue with the frame it lies in, however that ends.
class queue_place {
public:
    queue_place(call_queue& queue, pending_call& call) : queue_(queue), call_(call) {}
    queue_place(const queue_place&) = delete;
    ~queue_place() { queue_.forget(call_); }

private:
    call_queue& queue_;
    pending_call& call_;
};

}  // namespace

redis_link::redis_link(runtime& rt, journal& events, logger log, redis_options options)
    : rt_(rt),
      events_(events),
      log_(std::move(log)),
      options_(std::move(options)),
      channels_(choose_channels(rt, options_.prefix)),
      changed_(rt.executor()) {}

task<result<reply>> redis_link::run(std::shared_ptr<redis_link> self, script what, script_keys keys,
                                    script_args args) {
    if (self->stopped()) co_return make_error_code(errc::shutting_down);
    self->begin();
    const auto now = self->rt_.now();
    if (self->down_for_long(now)) co_return make_error_code(errc::store_unavailable);
    pending_call call(what, std::move(keys), std::move(args));
    call.deadline = now + self->options_.call_timeout;
    const queue_place place(self->calls_, call);
    auto begin = [&self, &call](auto handler) {
        call.resume = std::move(handler);
        // Of the erased handler: erasing it has put a filter of its own into the slot.
        auto slot = asio::get_associated_cancellation_slot(call.resume);
        if (slot.is_connected())
            slot.assign(
                [link = self.get(), &call](asio::cancellation_type) { link->give_up(call); });
        self->enqueue(call);
    };
    auto answered = asio::async_initiate<const asio::use_awaitable_t<>, void(error_code)>(
        std::move(begin), asio::use_awaitable);
    co_await std::move(answered);
    co_return std::move(call.answer);
}

bool redis_link::down_for_long(steady_time now) const {
    return stage_ == stage::down && now - down_since_ > options_.call_timeout;
}

void redis_link::enqueue(pending_call& call) {
    calls_.add(call);
    schedule_flush();
}

void redis_link::give_up(pending_call& call) {
    calls_.forget(call);
    resume(call, asio::error::operation_aborted);
}

// Never from within the caller's stack: what runs next may call the store, or end it.
void redis_link::resume(pending_call& call, error_code ec) {
    if (!call.resume) return;
    auto carry_on = [waiter = std::move(call.resume), ec]() mutable {
        asio::get_associated_cancellation_slot(waiter).clear();
        std::move(waiter)(ec);
    };
    asio::post(rt_.executor(), std::move(carry_on));
}

void redis_link::resume_all(call_queue::calls& finished) {
    for (auto* call : finished) resume(*call, {});
    finished.clear();
}

// At the loop's next turn: calls made in one turn go out together, and the loop has looked at the
// socket before. Into one that has been closed nothing is written, so no outcome is in doubt.
void redis_link::schedule_flush() {
    if (flush_scheduled_ || writing_ || stage_ != stage::up) return;
    flush_scheduled_ = true;
    asio::post(rt_.executor(), [self = shared_from_this()] {
        self->flush_scheduled_ = false;
        self->flush();
    });
}

void redis_link::flush() {
    if (writing_ || leaving_ || stage_ != stage::up) return;
    out_.clear();
    if (!calls_.awaits_answer()) stirred_ = true;
    calls_.encode(out_, most_bytes_a_write);
    if (!out_.empty()) write();
}

// Each step through the loop costs a look at all sockets, so what needs no waiting does not wait.
void redis_link::write() {
    const auto sent = stream_->write_at_once(asio::buffer(out_));
    bytes_written_ += sent;
    if (sent == out_.size()) {
        if (calls_.has_waiting()) schedule_flush();
        return;
    }
    writing_ = true;
    auto done = [self = shared_from_this()](error_code failed, std::size_t bytes) {
        self->written(failed, bytes);
    };
    stream_->write(asio::buffer(out_) + sent, std::move(done));
}

void redis_link::written(error_code failed, std::size_t bytes) {
    writing_ = false;
    bytes_written_ += bytes;
    if (failed && reading_) {
        lost_because_ = failed.message();
        stream_->close();  // ends the reading, which settles what becomes of the calls
    }
    if (!reading_)
        changed_.notify_all();
    else if (leaving_)
        leave_when_answered();
    else if (calls_.has_waiting())
        flush();
}

void redis_link::take(resp3_message&& message) {
    if (message.what == resp3_message::kind::push) return take_push(message.value);
    const std::string line = message.error;
    const bool lacks_script = is_missing_script(line);
    bool expected = false;
    auto* call = calls_.take_answer(std::move(message), expected);
    if (!expected) log_.warn("store.unexpected_answer", {{"store", options_.address()}});
    answered_ = true;
    if (!line.empty() && !lacks_script)
        note_refusal(call != nullptr ? call->what.name : "", classify_error(line), line);
    if (call != nullptr)
        resume(*call, {});
    else if (lacks_script)
        schedule_flush();
}

void redis_link::take_push(const reply& push) {
    if (push[0].as_text() != "message") return;
    try {
        pushes_.deliver(push[2].as_text());
    } catch (const std::exception& thrown) {
        log_.error("store.push_handler_failed", {{"what", thrown.what()}});
    }
}

void redis_link::note_refusal(std::string_view script_name, errc means, const std::string& line) {
    log_.warn("store.refused", {{"store", options_.address()},
                                {"script", std::string(script_name)},
                                {"errc", name_of(means)},
                                {"answer", line}});
    if (means != errc::not_leader) return;
    ++epoch_;
    // The name may lead to another server by now; ask again, but not in a tight circle.
    if (rt_.now() - up_since_ >= least_stay) leaving_ = true;
}

// The last answer may come before its write is known to have ended, so both ends look.
void redis_link::leave_when_answered() {
    if (!leaving_ || writing_ || calls_.awaits_answer()) return;
    lost_because_ = "a replica answered";
    stream_->close();
}

}  // namespace holdfast
