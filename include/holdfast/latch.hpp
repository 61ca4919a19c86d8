// A count-down latch for the whole fleet: opens once, when enough have counted.
#pragma once

#include "holdfast/client.hpp"
#include "holdfast/lock_member.hpp"
#include "holdfast/timeout.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace holdfast {

/// Who counts: any text of 1 to 256 bytes that is different for each event to be counted, such as
/// the id of a task. Counting with one token twice counts once, so a count may be repeated after a
/// lost reply, and by a process that does not know whether its predecessor had counted.
class latch_token {
public:
    static result<latch_token> parse(std::string_view text);
    /// Throws boost::system::system_error where parse() would fail.
    explicit latch_token(std::string_view text) : text_(parse(text).value().text_) {}
    const std::string& str() const noexcept { return text_; }

private:
    struct checked {};
    latch_token(checked, std::string_view text) : text_(text) {}
    std::string text_;
};

/// The asynchronous face. A latch is created with a count, is counted down and stays open. It is
/// forgotten when nobody has used it for as long as it was created to be kept (waiting is using).
///
/// Those who wait are woken by push when it opens; a lost push costs one heartbeat (10 s). A wait
/// that succeeded proves that the count had reached zero; it is no lock and has no fence.
///
/// Thread rule and lifetime as locker.
class async_latch : private lock_member {
public:
    async_latch(locker& locks, lock_name name) : lock_member(locks, std::move(name)) {}

    /// count: 1 to 1,000,000 (else invalid_argument). True: created now. False: there is one with
    /// this name already, perhaps by this very call when its first reply was lost.
    /// Failures: wrong_type, and as store::run.
    task<result<bool>> create(std::int64_t count, lease_ttl kept = lease_ttl(hours{24}));

    /// How many are still to come. Failures: not_found (never created, or forgotten), wrong_type,
    /// and as store::run; after outcome_unknown repeat it with the same token.
    task<result<std::int64_t>> count_down(latch_token);

    /// Waits until it is open. Failures: timed_out, not_found, wrong_type, shutting_down; a store
    /// that is away is waited for, as locker::acquire does. Cancellation: errc::cancelled.
    task<result<bool>> wait(steady_time give_up_at = steady_time::max());
    /// Whether it is open. Failures: not_found, wrong_type, and as store::run.
    task<result<bool>> is_open();

    /// The same for any completion token, as void(error_code, T).
    template <class CompletionToken>
    auto async_create(std::int64_t count, lease_ttl kept, CompletionToken&& token) {
        return answer(create(count, kept), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_count_down(latch_token counted, CompletionToken&& token) {
        return answer(count_down(std::move(counted)), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_wait(steady_time give_up_at, CompletionToken&& token) {
        return answer(wait(give_up_at), std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_is_open(CompletionToken&& token) {
        return answer(is_open(), std::forward<CompletionToken>(token));
    }
};

/// The blocking face. Trouble is thrown as boost::system::system_error.
class latch {
public:
    /// The client must outlive it.
    latch(client& owner, lock_name name) : client_(owner), name_(std::move(name)) {}

    bool create(std::int64_t count, lease_ttl kept = lease_ttl(hours{24}));
    std::int64_t count_down(latch_token);
    void wait() { wait_within(forever); }
    /// False: not open in time.
    template <class Rep, class Period>
    bool wait_for(const std::chrono::duration<Rep, Period>& span) {
        return wait_within(timeout_of(span));
    }
    bool is_open();

private:
    bool wait_within(nanoseconds patience);

    client& client_;
    const lock_name name_;
};

}  // namespace holdfast
