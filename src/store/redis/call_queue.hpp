// The calls of one connection from asking to answer: what has been sent, what may have run, whose
// time is up. No sockets, no clocks: every event comes as a function call.
#pragma once

#include "holdfast/store.hpp"
#include "store/redis/command_text.hpp"
#include "store/redis/resp3_reader.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_set>

namespace holdfast {

/// One run() of a store. It lies in the frame of the coroutine that waits for it, so it is neither
/// copied nor moved, and it leaves the queue before it dies.
struct pending_call {
    enum class stage { idle, waiting, sent };

    pending_call(const script& asked, script_keys with_keys, script_args with_args)
        : what(asked), keys(std::move(with_keys)), args(std::move(with_args)) {}
    pending_call(const pending_call&) = delete;

    script what;
    script_keys keys;
    script_args args;
    steady_time deadline;
    bool text_needed = false;  ///< the server has answered that it does not know the script
    result<reply> answer = make_error_code(errc::internal);
    boost::asio::any_completion_handler<void(error_code)> resume;

private:
    friend class call_queue;
    stage at = stage::idle;
    std::int64_t slot = 0;
    pending_call* earlier = nullptr;
    pending_call* later = nullptr;
};

/// Three orders over the same calls: those not sent yet, those sent and not answered (Redis answers
/// in order, so a call that gave up leaves its place empty and the late answer falls into it), and
/// all of them by deadline. Deadlines of added calls must not fall.
class call_queue {
public:
    using calls =
        std::vector<pending_call*>;  ///< finished: `answer` is set, they are out of the queue

    call_queue() = default;
    call_queue(const call_queue&) = delete;

    void add(pending_call& call);
    /// Takes a call out whose caller does not wait any more. If it was sent, it may still execute.
    void forget(pending_call& call);

    /// Appends commands to `out` until it holds `most_bytes`; those calls count as sent.
    void encode(std::string& out, std::size_t most_bytes);
    /// A PING whose answer nobody waits for.
    void encode_ping(std::string& out);
    /// The server's next answer (not a push). The call it finished; nothing for a ping, for a call
    /// that gave up and for a script whose text has to be sent; false in `expected` when nothing
    /// had been asked.
    pending_call* take_answer(resp3_message&& message, bool& expected);

    /// Finishes those whose deadline has come: store_unavailable if certainly not sent,
    /// outcome_unknown otherwise.
    void expire(steady_time now, calls& finished);
    std::optional<steady_time> next_deadline() const;

    /// The connection is gone. `bytes_written` of all that encode() has given out reached the
    /// kernel; commands beyond have certainly not been executed and wait for the next connection,
    /// for which their arguments are renewed.
    void connection_lost(std::uint64_t bytes_written, calls& finished);
    /// Finishes all: sent ones with outcome_unknown, the others with `unsent`.
    void fail_all(errc unsent, calls& finished);
    /// Finishes those that have not been sent.
    void fail_waiting(errc code, calls& finished);

    bool has_waiting() const noexcept { return !waiting_.empty(); }
    bool awaits_answer() const noexcept { return !sent_.empty(); }
    std::uint64_t bytes_encoded() const noexcept { return encoded_; }

private:
    struct sent_command {
        pending_call* call;  // null: a ping, or a call that gave up
        std::uint64_t end;   // bytes encoded up to and with this command
    };
    void finish(pending_call& call, result<reply> answer);
    void unlink(pending_call& call);
    void wait_again(pending_call& call);
    bool is_loaded(const script& what) const { return loaded_.contains(what.sha1.data()); }

    std::deque<pending_call*> waiting_;  // null: gave up
    std::deque<sent_command> sent_;
    std::int64_t first_waiting_ = 0;  // the slot numbers of the front items
    std::int64_t first_sent_ = 0;
    pending_call* earliest_ = nullptr;
    pending_call* latest_ = nullptr;
    std::uint64_t encoded_ = 0;
    // Scripts this connection has sent as text, by the address of their hash: only a hint, a wrong
    // one costs a NOSCRIPT.
    std::unordered_set<const char*> loaded_;
};

}  // namespace holdfast
