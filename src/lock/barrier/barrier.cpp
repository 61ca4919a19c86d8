// Barriers: an arrival is an attempt that succeeds when the others have come.
#include "holdfast/barrier.hpp"

#include "lock/acquire.hpp"
#include "lock/blocking_calls.hpp"
#include "lock/lock_keys.hpp"
#include "lock/unleased_kind.hpp"
#include "lock_scripts.hpp"

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr std::uint32_t most_parties = 10'000;

script_keys keys_of(const lock_core& core, const lock_name& name) {
    const auto& prefix = core.st.prefix();
    return script_keys(name.str(), side_key_of(name, prefix, 's'), side_key_of(name, prefix, 'g'));
}

/// Its "fence" is the generation that passed.
class arrival final : public unleased_kind {
public:
    explicit arrival(std::uint32_t parties) : parties_(parties) {}

    task<result<acquire_answer>> acquire(lock_core& core, lock_attempt& attempt) override {
        script_args args(attempt.owner.str(), attempt.ttl.span().count(), seat(attempt), parties_,
                         attempt.ticket);
        auto answer =
            co_await core.st.run(lua::barrier_arrive, keys_of(core, attempt.name), std::move(args));
        if (!answer) co_return answer.error();
        switch ((*answer)[0].as_integer()) {
            case -2: co_return errc::lease_lost;
            case -3: co_return errc::invalid_argument;
            case -4: co_return errc::not_found;
            default: co_return read_acquire(*answer, attempt);
        }
    }
    task<result<void>> cancel(lock_core& core, const lock_attempt& attempt) override {
        script_args args(attempt.owner.str(), seat(attempt));
        auto answer =
            co_await core.st.run(lua::barrier_break, keys_of(core, attempt.name), std::move(args));
        if (!answer) co_return answer.error();
        co_return result<void>();
    }

private:
    static std::string seat(const lock_attempt& attempt) {
        return attempt.signature() + "|" + attempt.channel;
    }

    std::uint32_t parties_;
};

task<result<std::uint64_t>> arrive_at(std::shared_ptr<lock_core> core, lock_name name,
                                      std::uint32_t parties, lease_ttl ttl, acquire_options how) {
    if (parties < 1 || parties > most_parties) co_return errc::invalid_argument;
    const auto got = co_await acquire_lock(std::move(core), std::move(name), ttl, true,
                                           std::move(how), std::make_shared<arrival>(parties));
    if (got) co_return got->fence().value();
    // Inside, outcome_unknown asks for a repetition, which would not help.
    co_return got.error() == errc::not_found ? errc::outcome_unknown : got.error();
}

}  // namespace

task<result<std::uint64_t>> async_barrier::arrive(steady_time give_up_at) {
    return arrive_at(core_, name_, parties_, ttl_, waiting_until(give_up_at));
}

std::uint64_t barrier::pass(nanoseconds span) {
    const auto passed = client_.run([this, span, how = by_this_thread()](locker& locks) {
        auto limited = how;
        limited.give_up_at = after(locks.now(), span);
        return arrive_at(locks.core(), name_, parties_, ttl_, std::move(limited));
    });
    if (!passed) throw boost::system::system_error(passed.error(), "barrier " + name_.str());
    return *passed;
}

}  // namespace holdfast
