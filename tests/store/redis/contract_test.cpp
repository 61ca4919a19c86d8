// The store contract, on a real Redis.
#include "store/contract/store_contract.hpp"

#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"

namespace holdfast::test {
namespace {

class on_a_server final : public store_world {
public:
    std::unique_ptr<store> open(real_world& world) override {
        auto opened = std::make_unique<redis_store>(world.runtime, null_journal(),
                                                    logger(log_level::off, log_format::text),
                                                    parse_redis_url(server_.url()).value());
        world.run(opened->start()).value();
        return opened;
    }

private:
    redis_server server_;
};

std::unique_ptr<store_world> on_redis() { return std::make_unique<on_a_server>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(redis, store_contract, testing::Values(on_redis));

}  // namespace holdfast::test
