// Book-keeping of calls: who is answered by what, and who learns that nobody knows.
#include "store/redis/call_queue.hpp"

#include "store/redis/error_reply.hpp"

namespace holdfast {

void call_queue::add(pending_call& call) {
    call.at = pending_call::stage::waiting;
    call.slot = first_waiting_ + static_cast<std::int64_t>(waiting_.size());
    waiting_.push_back(&call);
    call.earlier = latest_;
    (latest_ != nullptr ? latest_->later : earliest_) = &call;
    latest_ = &call;
}

void call_queue::unlink(pending_call& call) {
    (call.earlier != nullptr ? call.earlier->later : earliest_) = call.later;
    (call.later != nullptr ? call.later->earlier : latest_) = call.earlier;
    call.earlier = call.later = nullptr;
}

void call_queue::forget(pending_call& call) {
    if (call.at == pending_call::stage::idle) return;
    if (call.at == pending_call::stage::waiting) {
        waiting_[static_cast<std::size_t>(call.slot - first_waiting_)] = nullptr;
        while (!waiting_.empty() && waiting_.front() == nullptr) {
            waiting_.pop_front();
            ++first_waiting_;
        }
    } else {
        sent_[static_cast<std::size_t>(call.slot - first_sent_)].call = nullptr;
    }
    unlink(call);
    call.at = pending_call::stage::idle;
}

void call_queue::finish(pending_call& call, result<reply> answer) {
    forget(call);
    call.answer = std::move(answer);
}

void call_queue::encode(std::string& out, std::size_t most_bytes) {
    while (!waiting_.empty() && out.size() < most_bytes) {
        auto* call = waiting_.front();
        waiting_.pop_front();
        ++first_waiting_;
        if (call == nullptr) continue;
        const auto before = out.size();
        const bool by_hash = !call->text_needed && is_loaded(call->what);
        append_script(out, by_hash ? script_form::by_hash : script_form::by_text, call->what,
                      call->keys, call->args);
        if (!by_hash) loaded_.insert(call->what.sha1.data());
        encoded_ += out.size() - before;
        call->at = pending_call::stage::sent;
        call->slot = first_sent_ + static_cast<std::int64_t>(sent_.size());
        sent_.push_back({call, encoded_});
    }
}

void call_queue::encode_ping(std::string& out) {
    const auto before = out.size();
    append_command(out, {"PING"});
    encoded_ += out.size() - before;
    sent_.push_back({nullptr, encoded_});
}

void call_queue::wait_again(pending_call& call) {
    call.at = pending_call::stage::waiting;
    waiting_.push_front(&call);
    call.slot = --first_waiting_;
}

pending_call* call_queue::take_answer(resp3_message&& message, bool& expected) {
    expected = !sent_.empty();
    if (!expected) return nullptr;
    auto* call = sent_.front().call;
    const bool failed = message.what == resp3_message::kind::error;
    if (call != nullptr && failed && is_missing_script(message.error) && !call->text_needed) {
        sent_.pop_front();
        ++first_sent_;
        call->text_needed = true;
        wait_again(*call);
        return nullptr;
    }
    if (call != nullptr)
        finish(*call, failed ? result<reply>(make_error_code(classify_error(message.error)))
                             : result<reply>(std::move(message.value)));
    sent_.pop_front();
    ++first_sent_;
    return call;
}

void call_queue::expire(steady_time now, calls& finished) {
    while (earliest_ != nullptr && earliest_->deadline <= now) {
        auto& call = *earliest_;
        const bool sent = call.at == pending_call::stage::sent;
        finish(call, make_error_code(sent ? errc::outcome_unknown : errc::store_unavailable));
        finished.push_back(&call);
    }
}

std::optional<steady_time> call_queue::next_deadline() const {
    if (earliest_ == nullptr) return std::nullopt;
    return earliest_->deadline;
}

void call_queue::connection_lost(std::uint64_t bytes_written, calls& finished) {
    while (!sent_.empty()) {
        const auto last = sent_.back();
        if (last.call != nullptr && last.end > bytes_written) {
            wait_again(*last.call);
        } else if (last.call != nullptr) {
            finished.push_back(last.call);
            finish(*last.call, make_error_code(errc::outcome_unknown));
        }
        sent_.pop_back();
    }
    for (auto* call : waiting_)
        if (call != nullptr) call->args.renew();
    loaded_.clear();
}

void call_queue::fail_waiting(errc code, calls& finished) {
    for (auto* call : std::exchange(waiting_, {})) {
        ++first_waiting_;
        if (call == nullptr) continue;
        unlink(*call);
        call->at = pending_call::stage::idle;
        call->answer = make_error_code(code);
        finished.push_back(call);
    }
}

void call_queue::fail_all(errc unsent, calls& finished) {
    connection_lost(encoded_, finished);
    fail_waiting(unsent, finished);
}

}  // namespace holdfast
