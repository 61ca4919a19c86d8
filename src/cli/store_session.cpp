// Opening a store for one command.
#include "cli/store_session.hpp"

#include <boost/asio/co_spawn.hpp>

#include <CLI/CLI.hpp>

#include <exception>
#include <optional>

namespace holdfast::cli {

void add_store_option(CLI::App& command, std::string& url) {
    command
        .add_option("--store", url,
                    "Where the locks are: redis://HOST:PORT/DB, rediss://…, embedded:FOLDER")
        ->envname("HOLDFAST_STORE")
        ->required();
}

store_session::store_session(const std::string& url) : store_session(store_settings{.url = url}) {}

store_session::store_session(const store_settings& settings) {
    std::string why;
    if (const auto opened = open(settings, why); !opened)
        throw command_failure(exit_code_of(opened.error()), why);
}

result<void> store_session::open(const store_settings& settings, std::string& why) {
    auto opened = store_source::open(settings, logger(log_level::off, log_format::text), why);
    if (!opened) return opened.error();
    source = std::move(*opened);
    return {};
}

task<void> store_session::connect() {
    std::string why;
    auto connected = co_await source->connect(runtime, null_journal(), why);
    if (!connected) throw command_failure(exit_code_of(connected.error()), why);
    state = std::move(*connected);
}

int store_session::run(task<int> work) {
    std::optional<int> code;
    std::exception_ptr failed;
    auto done = [&](std::exception_ptr error, int value) {
        failed = error;
        code = value;
        context.stop();
    };
    boost::asio::co_spawn(context, std::move(work), done);
    context.run();
    if (failed) std::rethrow_exception(failed);
    return code.value_or(exit_code::internal);
}

}  // namespace holdfast::cli
