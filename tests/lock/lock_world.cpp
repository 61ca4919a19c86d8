// The fleet's helpers.
#include "lock/lock_world.hpp"

#include "store/embedded/embedded_store.hpp"
#include "store/redis/redis_store.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

namespace holdfast::test {
namespace {

class memory_state final : public shared_state {
public:
    std::unique_ptr<store> open(real_world& world) override {
        return std::make_unique<embedded_store>(world.runtime, engine_, "hf:");
    }

private:
    std::shared_ptr<embedded::embedded_engine> engine_ =
        std::make_shared<embedded::embedded_engine>();
};

class redis_state : public shared_state {
public:
    explicit redis_state(const redis_server& server) : server_(server) {}
    std::unique_ptr<store> open(real_world& world) override {
        auto made = std::make_unique<redis_store>(world.runtime, null_journal(),
                                                  logger(log_level::off, log_format::text),
                                                  parse_redis_url(server_.url()).value());
        world.run(made->start()).value();
        return made;
    }

private:
    const redis_server& server_;
};

struct own_server {
    redis_server running;
};
class own_redis_state final : own_server, public redis_state {
public:
    own_redis_state() : redis_state(running) {}
};

const owned_script any_command("return redis.call(unpack(ARGV))");

}  // namespace

std::unique_ptr<shared_state> in_memory() { return std::make_unique<memory_state>(); }
std::unique_ptr<shared_state> in_redis() { return std::make_unique<own_redis_state>(); }
std::unique_ptr<shared_state> in_redis_at(const redis_server& server) {
    return std::make_unique<redis_state>(server);
}

void event_notes::record(const event& happened) {
    notes.push_back(std::string(name_of(happened.kind)) + " " + std::string(happened.subject) +
                    (happened.detail.empty() ? "" : " ") + std::string(happened.detail));
}

bool event_notes::has(std::string_view note) const {
    return std::find(notes.begin(), notes.end(), note) != notes.end();
}

lock_fleet::lock_fleet(std::unique_ptr<shared_state> shared)
    : shared_(std::move(shared)), a(join()), b(join()) {}

reply lock_fleet::raw(std::vector<std::string> command) {
    script_args args;
    for (auto& word : command) args.add(std::move(word));
    script_keys keys("any");
    return run(a->st->run(any_command.get(), std::move(keys), std::move(args))).value();
}

void lock_fleet::until(std::function<bool()> holds) {
    const auto limit = now() + seconds{20};
    while (!holds()) {
        ASSERT_LT(now(), limit) << "what was waited for did not happen";
        sleep(milliseconds{1});
    }
}

lease lock_fleet::take(process_view& who, const std::string& name, milliseconds ttl) {
    return run(who.locks.try_acquire(lock_name(name), lease_ttl(ttl))).value();
}

errc lock_fleet::try_take(process_view& who, const std::string& name) {
    const auto got = run(who.locks.try_acquire(lock_name(name), lease_ttl(seconds{30})));
    return got ? errc{} : errc_of(got.error());
}

std::unique_ptr<lock_fleet::pending> lock_fleet::start(process_view& who, const std::string& name,
                                                       milliseconds ttl, nanoseconds patience) {
    auto made = std::make_unique<pending>();
    const auto give_up_at = patience == nanoseconds::max() ? steady_time::max() : now() + patience;
    auto done = [p = made.get()](error_code ec, lease got) {
        if (ec)
            p->got.emplace(ec);
        else
            p->got.emplace(std::move(got));
    };
    who.locks.async_acquire(lock_name(name), lease_ttl(ttl), give_up_at,
                            boost::asio::bind_cancellation_slot(made->cancel.slot(), done));
    return made;
}

std::unique_ptr<lock_fleet::pending> lock_fleet::queue(process_view& who, const std::string& name,
                                                       milliseconds ttl) {
    const auto before = look(name).queue_length;
    auto made = start(who, name, ttl);
    until([&] { return look(name).queue_length == before + 1; });
    return made;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(both_stores);  // in programs with other tests
INSTANTIATE_TEST_SUITE_P(memory, both_stores, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, both_stores, testing::Values(&in_redis));

}  // namespace holdfast::test
