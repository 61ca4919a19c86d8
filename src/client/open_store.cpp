// The three kinds of store behind one URL.
#include "client/open_store.hpp"

#include "client/embedded_url.hpp"
#include "runtime/asio_runtime.hpp"
#include "store/embedded/embedded_store.hpp"
#include "store/redis/redis_store.hpp"

#include <boost/asio/io_context.hpp>

namespace holdfast {
namespace {

using embedded::embedded_engine;

class embedded_source final : public store_source {
public:
    embedded_source(std::shared_ptr<embedded_engine> engine, std::string prefix)
        : engine_(std::move(engine)), prefix_(std::move(prefix)) {}

    std::unique_ptr<store> attach(runtime& rt, journal&) override {
        return std::make_unique<embedded_store>(rt, engine_, prefix_);
    }
    task<result<std::unique_ptr<store>>> connect(runtime& rt, journal& events,
                                                 std::string&) override {
        co_return attach(rt, events);
    }
    bool shared() const noexcept override { return false; }

private:
    std::shared_ptr<embedded_engine> engine_;
    std::string prefix_;
};

class redis_source final : public store_source {
public:
    redis_source(redis_options options, logger log)
        : options_(std::move(options)), log_(std::move(log)) {}

    std::unique_ptr<store> attach(runtime& rt, journal& events) override {
        auto made = std::make_unique<redis_store>(rt, events, log_, options_.clone());
        const auto begun = made->start();  // connecting has begun; nobody waits for it here
        return made;
    }
    task<result<std::unique_ptr<store>>> connect(runtime& rt, journal& events,
                                                 std::string& why) override {
        auto made = std::make_unique<redis_store>(rt, events, log_, options_.clone());
        const auto started = co_await made->start();
        if (!started) {
            why = made->problem();
            co_await made->close();
            co_return started.error();
        }
        std::unique_ptr<store> ready = std::move(made);
        co_return std::move(ready);
    }
    bool shared() const noexcept override { return true; }

private:
    redis_options options_;
    logger log_;
};

using opened = result<std::unique_ptr<store_source>>;

opened embedded_in(const embedded_url& place, const store_settings& settings, const logger& log,
                   std::string& why) {
    embedded_engine::options options;
    options.log = log;
    options.max_memory = place.max_memory;
    if (place.folder.empty())
        return std::make_unique<embedded_source>(std::make_shared<embedded_engine>(options),
                                                 settings.prefix);
    if (settings.fsync_always) options.journal.when = embedded::journal_options::sync::always;
    boost::asio::io_context context;
    asio_runtime clock(context);
    auto engine = embedded_engine::open(place.folder, options, log, clock.wall_now(), why);
    if (!engine) return engine.error();
    return std::make_unique<embedded_source>(std::move(*engine), settings.prefix);
}

opened on_redis(const store_settings& settings, const logger& log, std::string& why) {
    auto options = parse_redis_url(settings.url, &why);
    if (!options) return options.error();
    if (settings.url.find("prefix=") == std::string::npos) options->prefix = settings.prefix;
    if (settings.url.find("timeout=") == std::string::npos)
        options->call_timeout = settings.call_timeout;
    options->other_keys = settings.other_keys;
    return std::make_unique<redis_source>(std::move(*options), log);
}

bool is_embedded(std::string_view url) {
    return url == "memory:" || url.starts_with("memory:?") || url.starts_with("embedded:");
}
bool is_redis(std::string_view url) {
    return url.starts_with("redis://") || url.starts_with("rediss://");
}

constexpr const char* known_stores =
    "write memory:, embedded:FOLDER, redis://HOST:PORT/DB or rediss://…";

}  // namespace

result<void> check_store_url(const std::string& url, std::string& why) {
    if (is_embedded(url)) {
        const auto place = parse_embedded_url(url, why);
        if (!place) return place.error();
        return {};
    }
    if (is_redis(url)) {
        const auto options = parse_redis_url(url, &why);
        if (options) return {};
        why = "the store url is wrong; " + why + "; write redis://[USER:PASSWORD@]HOST[:PORT][/DB]";
        return options.error();
    }
    why = "\"" + url + "\" is no store; " + known_stores;
    return errc::invalid_argument;
}

opened store_source::open(const store_settings& settings, const logger& log, std::string& why) {
    if (const auto fit = check_store_url(settings.url, why); !fit) return fit.error();
    if (is_redis(settings.url)) return on_redis(settings, log, why);
    const auto place = parse_embedded_url(settings.url, why);
    if (!place) return place.error();
    return embedded_in(*place, settings, log, why);
}

}  // namespace holdfast
