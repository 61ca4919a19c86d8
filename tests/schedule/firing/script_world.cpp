// Opening and emptying stores.
#include "schedule/firing/script_world.hpp"

namespace holdfast::test {

any_store::any_store(real_world& world, bool redis) : world_(world) {
    if (!redis) {
        engine_ = std::make_shared<embedded::embedded_engine>();
        store_ = std::make_unique<embedded_store>(world.runtime, engine_, "hf:");
        return;
    }
    server_ = std::make_unique<redis_server>();
    auto opened = std::make_unique<redis_store>(world.runtime, null_journal(),
                                                logger(log_level::off, log_format::text),
                                                parse_redis_url(server_->url()).value());
    world.run(opened->start()).value();
    store_ = std::move(opened);
}

any_store::~any_store() { world_.run(store_->close()); }

void any_store::wipe() {
    if (server_)
        server_->cli({"FLUSHALL"});
    else
        engine_->restore(embedded::keyspace());
}

}  // namespace holdfast::test
