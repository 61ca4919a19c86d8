// The store seam over a redis_link.
#include "store/redis/redis_store.hpp"

#include "store/redis/redis_link.hpp"

namespace holdfast {

redis_store::redis_store(runtime& rt, journal& events, logger log, redis_options options)
    : link_(std::make_shared<redis_link>(rt, events, std::move(log), std::move(options))) {}

redis_store::~redis_store() { link_->stop(); }

task<result<void>> redis_store::start() {
    link_->begin();
    return link_->first_attempt();
}

std::string redis_store::problem() const { return link_->problem().text; }
std::string redis_store::server_version() const { return link_->facts().version; }

task<result<reply>> redis_store::run(const script& what, script_keys keys, script_args args) {
    return redis_link::run(link_, what, std::move(keys), std::move(args));
}

const std::string& redis_store::process_channel() const noexcept {
    return link_->channels().process;
}
const std::string& redis_store::fleet_channel() const noexcept { return link_->channels().fleet; }
const std::string& redis_store::prefix() const noexcept { return link_->options().prefix; }
push_dispatcher& redis_store::pushes() noexcept { return link_->pushes(); }
std::uint64_t redis_store::epoch() const noexcept { return link_->epoch(); }
bool redis_store::connected() const noexcept { return link_->up(); }

task<void> redis_store::close() {
    link_->stop();
    return link_->joined();
}

}  // namespace holdfast
