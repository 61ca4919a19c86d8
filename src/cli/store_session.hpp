// What every command that talks to a store needs: the --store option and an opened store.
#pragma once

#include "cli/command.hpp"
#include "client/open_store.hpp"
#include "runtime/asio_runtime.hpp"

#include <memory>
#include <string>

namespace holdfast::cli {

/// Adds --store URL, by default what HOLDFAST_STORE says. Required one way or the other.
void add_store_option(CLI::App& command, std::string& url);

/// One io_context with its runtime and the store behind a URL.
struct store_session {
    /// Nothing is opened yet.
    store_session() = default;
    /// Throws command_failure when the URL is wrong or the folder is in use.
    explicit store_session(const std::string& url);
    explicit store_session(const store_settings& settings);

    /// Failures and `why`: those of store_source::open.
    result<void> open(const store_settings& settings, std::string& why);
    result<void> open(const std::string& url, std::string& why) {
        return open(store_settings{.url = url}, why);
    }
    /// Connects; throws command_failure. Precondition: opened.
    task<void> connect();
    /// Runs the context until the coroutine has ended; rethrows what it threw.
    int run(task<int> work);

    boost::asio::io_context context{1};
    asio_runtime runtime{context};
    std::unique_ptr<store_source> source;
    std::unique_ptr<store> state;
};

}  // namespace holdfast::cli
