// Watching an election: ask, sleep until a push or until the answer may have changed, ask again.
#include "holdfast/election.hpp"
#include "lock/acquire.hpp"
#include "lock/election/leadership.hpp"
#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

#include <charconv>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr nanoseconds heartbeat = seconds{10};
constexpr milliseconds told_for = seconds{60};

struct sight {
    leader who;
    std::int64_t ends_in_ms = -1;  ///< of a leader; below 0: never
};

task<result<sight>> look(lock_core& core, lock_name name, std::string channel) {
    if (is_side_key(name, core.st.prefix())) co_return errc::invalid_argument;
    script_args args(std::move(channel), told_for.count());
    auto keys = election_keys_of(core, name);
    const auto answer = co_await core.st.run(lua::observe, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if ((*answer)[0].as_integer() == -1) co_return errc::wrong_type;
    sight seen;
    const auto owner = (*answer)[0].as_text();
    if (owner.empty()) co_return seen;
    std::uint64_t fence = 0;
    const auto digits = (*answer)[2].as_text();
    std::from_chars(digits.data(), digits.data() + digits.size(), fence);
    seen.who =
        leader_info{std::string(owner), fencing_token(fence), std::string((*answer)[3].as_text())};
    seen.ends_in_ms = (*answer)[1].as_integer();
    co_return seen;
}

task<result<leader>> look_once(std::shared_ptr<lock_core> core, lock_name name) {
    auto seen = co_await look(*core, std::move(name), std::string());
    if (!seen) co_return seen.error();
    co_return std::move(seen->who);
}

}  // namespace

task<result<leader>> async_election::current() { return look_once(core_, name_); }

task<result<leader>> election_observer::next(steady_time give_up_at) {
    const auto core = core_;
    lock_watcher place(*core, name_);
    while (!core->closing) {
        const auto news = place.news();
        auto seen = co_await look(*core, name_, core->st.process_channel());
        if (!seen) co_return seen.error();
        if (!last_ || *last_ != seen->who) {
            last_ = seen->who;
            co_return std::move(seen->who);
        }
        auto until = core->rt.now() + heartbeat;
        if (seen->who && seen->ends_in_ms >= 0)
            until = std::min(until, core->rt.now() + milliseconds{seen->ends_in_ms + 1});
        until = std::min(until, give_up_at);
        if (!core->closing && place.news() == news) co_await place.wake.wait_until(core->rt, until);
        if (core->rt.now() >= give_up_at) co_return errc::timed_out;
    }
    co_return errc::shutting_down;
}

}  // namespace holdfast
