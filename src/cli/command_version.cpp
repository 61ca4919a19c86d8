// `holdfast version`: what this build is made of.
#include "cli/command.hpp"

#include <openssl/crypto.h>
#include <CLI/CLI.hpp>
#include <boost/version.hpp>

#include <iostream>

namespace holdfast::cli {
namespace {

#ifdef __clang__
constexpr auto compiler = "clang " __clang_version__;
#else
constexpr auto compiler = "g++ " __VERSION__;
#endif

void print_version() {
    std::cout << "holdfast " << HOLDFAST_VERSION << "\n"
              << "Boost " << BOOST_VERSION / 100000 << '.' << BOOST_VERSION / 100 % 1000 << ", "
              << OpenSSL_version(OPENSSL_VERSION) << ", " << compiler << '\n';
}

}  // namespace

void add_version_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("version", "Print the version of the program and its parts");
    command->footer(footer_with("holdfast version"));
    command->callback([&exit_code] {
        print_version();
        exit_code = exit_code::done;
    });
}

}  // namespace holdfast::cli
