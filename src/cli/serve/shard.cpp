// Starting, serving and draining one thread of the daemon.
#include "cli/serve/shard.hpp"

#include "cli/command.hpp"
#include "http/server.hpp"
#include "runtime/asio_runtime.hpp"
#include "runtime/task_group.hpp"
#include "token/auth_service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <optional>

namespace holdfast::cli {

namespace asio = boost::asio;

same_token_options same_token_options_of(const same_token_config& from) {
    same_token_options options;
    options.token_name = from.token_name;
    options.interval = from.interval;
    options.overlap = from.overlap;
    options.activate_delay = from.activate_delay;
    options.stale_if_error = from.stale_if_error;
    options.ttl = std::max<milliseconds>(options.ttl, 3 * from.interval);
    options.refresh_every = std::min<milliseconds>(options.refresh_every, from.overlap / 3);
    return options;
}

// Declared in the order of dependence: destroyed from the last to the first, the context at the
// end.
struct shard::parts {
    shard_context& shared;
    live_settings live;
    asio::io_context context{1};
    asio_runtime runtime{context};
    task_group background{runtime};
    std::unique_ptr<store> state;
    std::optional<auth_service> auth;
    std::optional<same_token_service> same;
    std::optional<http::server> server;

    parts(shard_context& s, live_settings first) : shared(s), live(std::move(first)) {}

    task<unsigned short> start(unsigned short port);
    task<void> stop(milliseconds grace);
    http::services services();
    result<http::server> listen(unsigned short port);
};

task<unsigned short> shard::parts::start(unsigned short port) {
    std::string why;
    auto connected = co_await shared.source.connect(runtime, shared.events, why);
    if (!connected) throw command_failure(exit_code_of(connected.error()), why);
    state = std::move(*connected);
    auth_service::options options;
    const auto& revocation = shared.settings.revocation;
    options.revocation = revocation.strict ? revocation_mode::strict : revocation_mode::replica;
    options.max_staleness = revocation.max_staleness;
    auth.emplace(runtime, *state, shared.events, live.guards, options);
    // Also with strict checks: after a loss of data the followers still know what was revoked.
    background.spawn(auth->follow_revocations());
    same.emplace(runtime, *state, shared.events, same_token_options_of(shared.settings.same_token));
    background.spawn(same->run());
    auto listening = listen(port);
    if (!listening) {
        const auto& at = shared.settings.http;
        fail(listening.error(), "cannot listen on " + at.address + ":" + std::to_string(port),
             "give another address with --listen HOST:PORT");
    }
    server.emplace(std::move(*listening));
    co_return server->port();
}

result<http::server> shard::parts::listen(unsigned short port) {
    http::server_options options;
    options.address = shared.settings.http.address;
    options.port = port;
    options.reuse_port = true;
    auto answer = http::make_router(services(), [this] { return live.rules; });
    return http::server::listen(runtime, options, std::move(answer), shared.counts, shared.log);
}

http::services shard::parts::services() {
    auto not_ready = [this] {
        std::vector<std::string> reasons;
        if (shared.draining) reasons.emplace_back("draining");
        if (!state->connected()) reasons.emplace_back("store");
        return reasons;
    };
    return {.rt = runtime,
            .auth = *auth,
            .counts = shared.counts,
            .log = shared.log,
            .same_token = &*same,
            .not_ready = std::move(not_ready),
            .jwks = [this] { return live.jwks; }};
}

task<void> shard::parts::stop(milliseconds grace) {
    if (server) {
        const auto cut = co_await server->drain(runtime.now() + grace);
        if (cut > 0) shared.log.warn("http.cut", {{"connections", std::to_string(cut)}});
    }
    if (auth) auth->stop();
    background.cancel();
    co_await background.join();
    if (state) co_await state->close();
    context.stop();
}

shard::shard(shard_context& shared, live_settings first, unsigned short port)
    : parts_(std::make_unique<parts>(shared, std::move(first))) {
    thread_ = std::jthread([this, port] { run(port); });
}

shard::~shard() = default;

void shard::run(unsigned short port) {
    auto begin = [](parts& p, unsigned short at,
                    std::promise<unsigned short>& started) -> task<void> {
        std::exception_ptr failed;
        try {
            const auto got = co_await p.start(at);
            p.server->start();
            started.set_value(got);
        } catch (...) {
            failed = std::current_exception();
        }
        if (!failed) co_return;
        co_await p.stop(milliseconds{0});
        started.set_exception(failed);
    };
    auto keep_running = asio::make_work_guard(parts_->context);
    asio::co_spawn(parts_->context, begin(*parts_, port, started_), asio::detached);
    parts_->context.run();
}

unsigned short shard::ready() { return started_.get_future().get(); }

void shard::reload(live_settings next) {
    asio::post(parts_->context, [this, next = std::move(next)]() mutable {
        parts_->live = std::move(next);
        parts_->auth->reload(parts_->live.guards);
    });
}

void shard::begin_stop(milliseconds grace) {
    asio::post(parts_->context, [this, grace] {
        asio::co_spawn(parts_->context, parts_->stop(grace), asio::detached);
    });
}

void shard::join() {
    if (thread_.joinable()) thread_.join();
}

}  // namespace holdfast::cli
