// The seam over the engine.
#include "store/embedded/embedded_store.hpp"

#include "base/encode.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace holdfast {
namespace {

std::string random_hex(runtime& rt) {
    std::array<std::byte, 16> bytes;
    rt.fill_random(bytes);
    return hex_encode(bytes);
}

}  // namespace

embedded_store::embedded_store(runtime& rt, std::shared_ptr<embedded::embedded_engine> engine,
                               std::string prefix)
    : runtime_(rt),
      engine_(std::move(engine)),
      prefix_(std::move(prefix)),
      process_channel_(prefix_ + "ch:" + random_hex(rt)),
      fleet_channel_(prefix_ + "fleet"),
      process_subscription_(subscribe(process_channel_)),
      fleet_subscription_(subscribe(fleet_channel_)) {}

embedded_store::~embedded_store() { leave(); }

// A push may be on its way when the store goes: it then finds the dispatcher gone.
std::uint64_t embedded_store::subscribe(const std::string& channel) {
    const std::weak_ptr<push_dispatcher> to = pushes_;
    return engine_->subscribe(channel,
                              [to, executor = runtime_.executor()](std::string_view message) {
                                  boost::asio::post(executor, [to, text = std::string(message)] {
                                      if (const auto pushes = to.lock()) pushes->deliver(text);
                                  });
                              });
}

task<result<reply>> embedded_store::run(const script& what, script_keys keys, script_args args) {
    if (closed_) co_return errc::shutting_down;
    co_return engine_->run(what, keys.values(), args.values(), runtime_.wall_now());
}

void embedded_store::leave() {
    if (std::exchange(closed_, true)) return;
    engine_->unsubscribe(process_subscription_);
    engine_->unsubscribe(fleet_subscription_);
}

task<void> embedded_store::close() {
    leave();
    co_return;
}

}  // namespace holdfast
