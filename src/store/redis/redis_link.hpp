// What redis_store shares with the coroutines that keep its connection.
#pragma once

#include "base/log.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/store.hpp"
#include "runtime/wake_event.hpp"
#include "store/redis/backoff.hpp"
#include "store/redis/call_queue.hpp"
#include "store/redis/greeting.hpp"
#include "store/redis/inbox.hpp"
#include "store/redis/redis_stream.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <string>

namespace holdfast {

/// Two coroutines keep it going: maintain() connects, reads and connects again; watch() ends calls
/// whose time is up and asks a silent server for a sign of life. Both hold the link; stop() ends
/// them. Used from the runtime's thread only.
class redis_link : public std::enable_shared_from_this<redis_link> {
public:
    redis_link(runtime& rt, journal& events, logger log, redis_options options);

    /// Begins to connect; nothing when that has been done.
    void begin();
    /// Ends the connection and both coroutines; calls end with outcome_unknown or shutting_down.
    void stop();
    task<void> joined();
    /// After the first attempt to connect: what became of it.
    task<result<void>> first_attempt();

    static task<result<reply>> run(std::shared_ptr<redis_link> self, script what, script_keys keys,
                                   script_args args);

    const redis_options& options() const noexcept { return options_; }
    const push_channels& channels() const noexcept { return channels_; }
    const link_problem& problem() const noexcept { return problem_; }
    const server_facts& facts() const noexcept { return facts_; }
    push_dispatcher& pushes() noexcept { return pushes_; }
    std::uint64_t epoch() const noexcept { return epoch_; }
    bool up() const noexcept { return stage_ == stage::up; }
    bool stopped() const noexcept { return stage_ == stage::stopped; }

private:
    enum class stage { fresh, connecting, down, up, stopped };

    bool down_for_long(steady_time now) const;
    void enqueue(pending_call& call);
    void give_up(pending_call& call);
    void resume(pending_call& call, error_code ec);
    void resume_all(call_queue::calls& finished);

    static task<void> maintain(std::shared_ptr<redis_link> self);
    static task<void> watch(std::shared_ptr<redis_link> self);
    task<std::optional<link_problem>> connect();
    task<greeting> establish();
    task<void> read_until_lost();
    void came_up(greeting& met);
    void went_down();
    void attempt_failed(link_problem problem);
    nanoseconds look_every() const;
    void check_silence(nanoseconds passed);
    nanoseconds pause_before_retry();

    void take(resp3_message&& message);
    void take_push(const reply& push);
    void leave_when_answered();
    void note_refusal(std::string_view script_name, errc means, const std::string& line);

    void schedule_flush();
    void flush();
    void write();
    void written(error_code failed, std::size_t bytes);

    runtime& rt_;
    journal& events_;
    logger log_;
    redis_options options_;
    push_channels channels_;
    push_dispatcher pushes_;

    stage stage_ = stage::fresh;
    int keepers_ = 0;  // of the two coroutines, how many still run
    bool attempted_ = false;
    link_problem problem_;
    server_facts facts_;
    std::uint64_t epoch_ = 0;
    steady_time down_since_;
    wake_event changed_;  // an attempt, a write or a keeper has ended
    boost::asio::cancellation_signal end_maintain_;
    boost::asio::cancellation_signal end_watch_;
    backoff backoff_;

    std::unique_ptr<redis_stream> stream_;
    inbox in_;
    call_queue calls_;
    std::string out_;  // being written
    bool writing_ = false;
    bool flush_scheduled_ = false;
    bool reading_ = false;
    bool leaving_ = false;  // answer what has been sent, then connect anew: a replica answered
    std::uint64_t bytes_written_ = 0;
    // Since a byte came, or the first question after a pause went out; as watch() counts it.
    nanoseconds silent_for_{};
    bool stirred_ = false;   // one of these since the last look
    bool answered_ = false;  // this connection has answered a call
    steady_time up_since_;
    std::string lost_because_;
};

}  // namespace holdfast
