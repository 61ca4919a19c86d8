// Composition of the daemon's parts, its signals and its end.
#include "cli/serve/daemon.hpp"

#include "cli/command.hpp"
#include "cli/data_folder.hpp"
#include "cli/serve/daemon_journal.hpp"
#include "cli/serve/make_guards.hpp"
#include "cli/serve/make_jobs.hpp"
#include "cli/serve/shard.hpp"
#include "cli/serve/signing_keys.hpp"
#include "holdfast/lock_metrics.hpp"
#include "runtime/asio_runtime.hpp"
#include "runtime/task_group.hpp"
#include "same_token/key_names.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <list>
#include <thread>

namespace holdfast::cli {
namespace {

namespace asio = boost::asio;

std::string node_name() {
    char host[256] = "localhost";
    gethostname(host, sizeof host - 1);
    return std::string(host) + "/" + std::to_string(getpid());
}

std::string url_of_store(const config& settings) {
    return settings.store.url.empty() ? "embedded:" + settings.data_folder + "/store"
                                      : settings.store.url;
}

store_settings store_settings_of(const config& settings) {
    const auto inner = same_token_keys(settings.same_token.token_name);
    return {.url = url_of_store(settings),
            .prefix = settings.store.prefix,
            .call_timeout = settings.store.call_timeout,
            .fsync_always = settings.store.fsync_always,
            .other_keys = {inner.begin(), inner.end()}};
}

// Shards share a port by SO_REUSEPORT, which would also let a second daemon in unnoticed.
void require_free_port(const http_config& at) {
    asio::io_context context;
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(at.address, ec);
    if (ec)
        throw command_failure(exit_code::usage,
                              "cannot listen on " + at.address +
                                  ": not a numeric address; write --listen 127.0.0.1:8440");
    asio::ip::tcp::acceptor probe(context);
    const asio::ip::tcp::endpoint endpoint(address, at.port);
    probe.open(endpoint.protocol());
    probe.set_option(asio::ip::tcp::acceptor::reuse_address(true));
    probe.bind(endpoint, ec);
    if (ec)
        throw command_failure(exit_code::unavailable,
                              "cannot listen on " + at.address + ":" + std::to_string(at.port) +
                                  ": " + ec.message() +
                                  "; stop what listens there or give --listen HOST:PORT");
}

unsigned shard_count(const http_config& http) {
    if (http.threads > 0) return http.threads;
    return std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
}

std::shared_ptr<const http::policy> rules_of(const config& settings) {
    auto rules = std::make_shared<http::policy>();
    rules->default_guard = guard_name(settings.guards.front().name);
    for (const auto& guard : settings.guards)
        if (guard.name == "app") rules->default_guard = guard_name("app");
    rules->seed_statuses = settings.always_http_200;
    rules->trusted_proxies = settings.http.trusted_proxies;
    for (const auto& client : settings.oauth_clients)
        rules->clients.push_back({client.id, client.secret.clone()});
    return rules;
}

task<result<void>> rotate_once(same_token_service& same) {
    const auto done = co_await same.rotate();
    if (!done) co_return done.error();
    co_return boost::system::in_place_value;
}

class daemon {
public:
    daemon(config settings, const std::function<config()>& reread)
        : settings_(std::move(settings)),
          reread_(reread),
          log_(settings_.level, settings_.format),
          events_(log_, counts_),
          desk_(std::make_shared<user_desk>(user_desk::options{})) {}

    int run() {
        if (settings_.http.port != 0) require_free_port(settings_.http);
        make_data_folder(settings_.data_folder);
        // Before anything else is touched: what cannot be stops the start at once.
        live_ = live_from(settings_);
        jobs_from(settings_);
        std::string why;
        auto opened = store_source::open(store_settings_of(settings_), log_, why);
        if (!opened) throw command_failure(exit_code_of(opened.error()), why);
        source_ = std::move(*opened);
        shared_.emplace(settings_, *source_, counts_, locks_, log_);
        int code = exit_code::internal;
        std::exception_ptr failed;
        asio::co_spawn(context_, control(), [&](std::exception_ptr e, int value) {
            failed = e;
            code = value;
            context_.stop();  // a timer that nobody waits for any more would keep it running
        });
        context_.run();
        if (failed) std::rethrow_exception(failed);
        return code;
    }

private:
    task<int> control();
    task<void> start_jobs();
    void start_shards();
    void announce();
    task<void> serve_until_stopped(asio::signal_set& signals);
    void reload();
    void warn_of_restart(const config& next);
    task<void> stop();
    live_settings live_from(const config& settings);
    std::vector<job_spec> jobs_from(const config& settings);

    config settings_;
    const std::function<config()>& reread_;
    logger log_;
    metrics counts_;
    daemon_journal events_;
    std::shared_ptr<user_desk> desk_;
    live_settings live_;
    std::unique_ptr<store_source> source_;
    std::optional<shard_context> shared_;
    asio::io_context context_{1};
    asio_runtime runtime_{context_};
    lock_metrics locks_{counts_, runtime_, events_};
    task_group background_{runtime_};
    std::unique_ptr<store> state_;
    std::optional<same_token_service> same_;
    std::optional<scheduler> scheduler_;
    std::list<shard> shards_;
    unsigned short port_ = 0;
};

live_settings daemon::live_from(const config& settings) {
    const auto keys = load_signing_keys(settings, runtime_);
    return {make_guards(settings, keys, desk_), rules_of(settings), keys->jwks()};
}

// The closure is called while a job runs, so never before there is a service.
std::vector<job_spec> daemon::jobs_from(const config& settings) {
    return make_jobs(settings, [this](job_context&) { return rotate_once(*same_); });
}

task<int> daemon::control() {
    std::exception_ptr failed;
    try {
        co_await start_jobs();
        // Before anybody can know that it is ready; when the set goes, the next signal has its
        // default effect and ends the process.
        asio::signal_set signals(context_, SIGTERM, SIGINT, SIGHUP);
        start_shards();
        announce();
        co_await serve_until_stopped(signals);
    } catch (...) {
        failed = std::current_exception();
    }
    co_await stop();
    if (failed) std::rethrow_exception(failed);
    co_return exit_code::done;
}

task<void> daemon::start_jobs() {
    std::string why;
    auto connected = co_await source_->connect(runtime_, locks_, why);
    if (!connected) throw command_failure(exit_code_of(connected.error()), why);
    state_ = std::move(*connected);
    same_.emplace(runtime_, *state_, locks_, same_token_options_of(settings_.same_token));
    background_.spawn(same_->run());
    // Until the first tick of the schedule there would be none; repeating it changes nothing.
    const auto first = co_await same_->rotate();
    if (!first) log_.warn("same_token.not_rotated", {{"why", first.error().message()}});
    scheduler_options options;
    options.node = node_name();
    options.store_url = url_of_store(settings_);
    scheduler_.emplace(runtime_, *state_, locks_, options);
    const auto taken = scheduler_->replace_jobs(jobs_from(settings_));
    if (!taken) fail(taken.error(), "jobs", "correct the jobs in " + settings_.file);
    background_.spawn(scheduler_->run());
}

void daemon::start_shards() {
    port_ = settings_.http.port;
    for (unsigned i = 0; i < shard_count(settings_.http); ++i) {
        auto& added = shards_.emplace_back(*shared_, live_, port_);
        port_ = added.ready();
    }
}

void daemon::announce() {
    if (source_->shared() && uses_local_secret(settings_))
        log_.warn("serve.local_secret",
                  {{"why", "the store is shared but the signing secret is this machine's own"},
                   {"do", "set jwt.secret to the same value on every node"}});
    const auto own_users = [this](const guard_config& guard) {
        return guard.location == settings_.data_folder + "/holdfast.db";
    };
    if (source_->shared() && std::ranges::any_of(settings_.guards, own_users))
        log_.warn("serve.local_users",
                  {{"why", "the store is shared but the users are in this daemon's data folder"},
                   {"do", "give every daemon the same guards.NAME.users.sqlite"}});
    const auto& address = settings_.http.address;
    const bool v6 = address.find(':') != std::string::npos;
    std::string guards;
    for (const auto& guard : settings_.guards) guards += (guards.empty() ? "" : ",") + guard.name;
    log_.info("serve.ready", {{"url", "http://" + (v6 ? "[" + address + "]" : address) + ":" +
                                          std::to_string(port_)},
                              {"node", node_name()},
                              {"store", source_->shared() ? "redis" : url_of_store(settings_)},
                              {"guards", guards},
                              {"threads", std::to_string(shards_.size())},
                              {"config", settings_.file.empty() ? "none" : settings_.file}});
}

task<void> daemon::serve_until_stopped(asio::signal_set& signals) {
    while (true) {
        const int number = co_await signals.async_wait(asio::use_awaitable);
        if (number != SIGHUP) {
            log_.info("serve.stopping",
                      {{"signal", strsignal(number)},
                       {"grace_ms", std::to_string(settings_.shutdown_grace.count())}});
            co_return;
        }
        reload();
    }
}

void daemon::reload() {
    const auto refuse = [this](const std::string& why) {
        log_.error("serve.reload_refused", {{"why", why}, {"still", "the settings before"}});
    };
    try {
        auto next = reread_();
        const auto live = live_from(next);
        const auto taken = scheduler_->replace_jobs(jobs_from(next));
        if (!taken) fail(taken.error(), "jobs", "correct the jobs");
        for (auto& each : shards_) each.reload(live);
        settings_.shutdown_grace = next.shutdown_grace;
        log_.info("serve.reloaded", {{"config", next.file}});
        warn_of_restart(next);
    } catch (const command_failure& failure) {
        refuse(failure.line());
    } catch (const std::exception& error) {
        refuse(error.what());
    }
}

// Sections that a running daemon does not change.
void daemon::warn_of_restart(const config& next) {
    const auto& now = settings_;
    const auto warn_if = [this](bool differs, const char* section) {
        if (!differs) return;
        log_.warn("serve.restart_needed",
                  {{"section", section}, {"still", "the settings of the start"}});
    };
    warn_if(next.data_folder != now.data_folder, "data");
    warn_if(next.http.address != now.http.address || next.http.port != now.http.port ||
                next.http.threads != now.http.threads,
            "http");
    warn_if(next.store != now.store, "store");
    warn_if(next.revocation != now.revocation, "revocation");
    warn_if(next.same_token != now.same_token, "same_token");
    warn_if(next.level != now.level || next.format != now.format, "log");
}

// Until the last job has ended whoever asks is answered, and told by /readyz to go elsewhere.
task<void> daemon::stop() {
    if (shared_) shared_->draining = true;
    const auto grace = settings_.shutdown_grace;
    const auto until = runtime_.now() + grace;
    if (scheduler_) co_await scheduler_->drain(grace);
    const auto left = std::chrono::floor<milliseconds>(until - runtime_.now());
    const auto for_requests = std::max(left, std::min<milliseconds>(grace, seconds{1}));
    for (auto& each : shards_) each.begin_stop(for_requests);
    for (auto& each : shards_) each.join();
    background_.cancel();
    co_await background_.join();
    if (state_) co_await state_->close();
    log_.info("serve.stopped");
}

}  // namespace

int run_daemon(config settings, const std::function<config()>& reread) {
    daemon running(std::move(settings), reread);
    return running.run();
}

}  // namespace holdfast::cli
