// Calls of the seam, handed to the link.
#include "sim/world/sim_store.hpp"

#include "sim/world/link.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace holdfast::sim {

namespace asio = boost::asio;

sim_store::sim_store(node& host, network& through, store_process& server, sim_store_options options)
    : link_(std::make_shared<link>(host, through, server, std::move(options))) {
    link_->on_unknown = [this](std::string_view name) {
        if (on_unknown) on_unknown(name);
    };
    link_->begin();
}

sim_store::~sim_store() {
    link_->on_unknown = nullptr;
    link_->stop();
}

task<result<reply>> sim_store::run(const script& what, script_keys keys, script_args args) {
    const auto through = link_;
    if (through->stopped) co_return errc::shutting_down;
    auto start = [&](auto resume) {
        through->add(what, std::move(keys), std::move(args), link::handler(std::move(resume)));
    };
    using signature = void(error_code, result<reply>);
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, signature>(
        start, asio::use_awaitable);
}

const std::string& sim_store::process_channel() const noexcept { return link_->process_channel; }
const std::string& sim_store::fleet_channel() const noexcept { return link_->fleet_channel; }
const std::string& sim_store::prefix() const noexcept { return link_->options.prefix; }
push_dispatcher& sim_store::pushes() noexcept { return link_->pushes; }
std::uint64_t sim_store::epoch() const noexcept { return link_->epoch; }
bool sim_store::connected() const noexcept { return link_->up(); }

task<void> sim_store::close() {
    link_->stop();
    co_return;
}

}  // namespace holdfast::sim
