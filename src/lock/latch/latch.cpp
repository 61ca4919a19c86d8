// Latches: the attempt to see one open, and counting.
#include "holdfast/latch.hpp"

#include "lock/acquire.hpp"
#include "lock/blocking_calls.hpp"
#include "lock/lock_keys.hpp"
#include "lock/unleased_kind.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr std::int64_t most_counts = 1'000'000;
constexpr milliseconds three_heartbeats = seconds{30};

script_keys keys_of(const lock_core& core, const lock_name& name) {
    return script_keys(name.str(), side_key_of(name, core.st.prefix(), 's'));
}

errc reason_of(std::int64_t status) { return status == -2 ? errc::not_found : errc::wrong_type; }

/// Waits in the engine for something that is not a right: nothing to extend or to release.
class latch_wait final : public unleased_kind {
public:
    task<result<acquire_answer>> acquire(lock_core& core, lock_attempt& attempt) override {
        script_args args(member(attempt), attempt.waits ? "1" : "0");
        auto answer =
            co_await core.st.run(lua::latch_wait, keys_of(core, attempt.name), std::move(args));
        if (!answer) co_return answer.error();
        if ((*answer)[0].as_integer() < 0) co_return reason_of((*answer)[0].as_integer());
        co_return read_acquire(*answer, attempt);
    }
    task<result<void>> cancel(lock_core& core, const lock_attempt& attempt) override {
        script_args args(member(attempt));
        auto answer =
            co_await core.st.run(lua::leave_queue, keys_of(core, attempt.name), std::move(args));
        if (!answer) co_return answer.error();
        co_return result<void>();
    }

private:
    static std::string member(const lock_attempt& attempt) {
        return attempt.owner.str() + "|" + attempt.signature() + "|" + attempt.channel;
    }
};

task<result<bool>> see_open(std::shared_ptr<lock_core> core, lock_name name, bool waits,
                            acquire_options how) {
    const auto got =
        co_await acquire_lock(std::move(core), std::move(name), lease_ttl(three_heartbeats), waits,
                              std::move(how), std::make_shared<latch_wait>());
    if (got) co_return true;
    if (!waits && errc_of(got.error()) == errc::busy) co_return false;
    co_return got.error();
}

task<result<bool>> make_latch(std::shared_ptr<lock_core> core, lock_name name, std::int64_t count,
                              lease_ttl kept) {
    if (count < 1 || count > most_counts) co_return errc::invalid_argument;
    if (is_side_key(name, core->st.prefix())) co_return errc::invalid_argument;
    script_args args(count, kept.span().count());
    script_keys keys(name.str());
    const auto answer = co_await core->st.run(lua::latch_create, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if (answer->as_integer() < 0) co_return errc::wrong_type;
    co_return answer->as_integer() == 1;
}

task<result<std::int64_t>> count(std::shared_ptr<lock_core> core, lock_name name,
                                 latch_token token) {
    script_args args(token.str());
    const auto answer =
        co_await core->st.run(lua::latch_count_down, keys_of(*core, name), std::move(args));
    if (!answer) co_return answer.error();
    if ((*answer)[0].as_integer() < 0) co_return reason_of((*answer)[0].as_integer());
    co_return (*answer)[1].as_integer();
}

template <class T>
T or_throw(result<T> answer, const lock_name& name) {
    if (!answer) throw boost::system::system_error(answer.error(), "latch " + name.str());
    return *answer;
}

}  // namespace

result<latch_token> latch_token::parse(std::string_view text) {
    if (text.empty() || text.size() > 256) return errc::invalid_argument;
    return latch_token(checked{}, text);
}

task<result<bool>> async_latch::create(std::int64_t count, lease_ttl kept) {
    return make_latch(core_, name_, count, kept);
}

task<result<std::int64_t>> async_latch::count_down(latch_token token) {
    return count(core_, name_, std::move(token));
}

task<result<bool>> async_latch::wait(steady_time give_up_at) {
    return see_open(core_, name_, true, waiting_until(give_up_at));
}

task<result<bool>> async_latch::is_open() { return see_open(core_, name_, false, {}); }

bool latch::create(std::int64_t count, lease_ttl kept) {
    return or_throw(client_.run([this, count, kept](locker& locks) {
        return async_latch(locks, name_).create(count, kept);
    }),
                    name_);
}

std::int64_t latch::count_down(latch_token token) {
    return or_throw(client_.run([this, token](locker& locks) {
        return async_latch(locks, name_).count_down(token);
    }),
                    name_);
}

bool latch::is_open() {
    return or_throw(
        client_.run([this](locker& locks) { return async_latch(locks, name_).is_open(); }), name_);
}

bool latch::wait_within(nanoseconds span) {
    const auto open = client_.run([this, span, how = by_this_thread()](locker& locks) {
        auto limited = how;
        limited.give_up_at = after(locks.now(), span);
        return see_open(locks.core(), name_, true, std::move(limited));
    });
    if (!open && errc_of(open.error()) == errc::timed_out) return false;
    return or_throw(open, name_);
}

}  // namespace holdfast
