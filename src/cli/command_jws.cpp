// `holdfast jws verify`: is this signature good under this key?
#include "cli/command.hpp"
#include "cli/key_file.hpp"
#include "token/jws/jws.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <iterator>
#include <memory>

namespace holdfast::cli {
namespace {

struct verify_options {
    std::string key_file;
    std::string algorithm;
    std::string token;
    bool print_payload = false;
};

// From standard input a token stays out of the process list.
std::string token_of(const verify_options& options) {
    if (options.token != "-") return options.token;
    std::string text(std::istreambuf_iterator<char>(std::cin), {});
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// A dash is a base64url digit, so a mangled token may look like an option; ours have no dots.
void take_token_that_looks_like_an_option(const CLI::App& command, verify_options& options) {
    const auto left = command.remaining();
    if (left.empty() && command.count("token") == 1) return;
    if (left.size() == 1 && command.count("token") == 0 && left[0].find('.') != left[0].npos) {
        options.token = left[0];
        return;
    }
    throw command_failure(exit_code::usage, left.empty()
                                                ? "no token given; see holdfast jws verify --help"
                                                : "do not understand " + left[0] +
                                                      "; see holdfast jws verify --help");
}

void verify(const verify_options& options) {
    const auto keys = read_key_file(options.key_file, options.algorithm);
    jws_buffer buffer;
    jws_view jws;
    const auto fault = check_jws(token_of(options), keys, buffer, jws);
    if (fault != jws_fault::none)
        throw command_failure(exit_code::no, std::string("invalid: ") + describe(fault));
    if (options.print_payload)
        std::cout << jws.payload;
    else
        std::cout << "valid: " << facts_of(jws.key->algorithm()).name << '\n';
}

}  // namespace

void add_jws_command(CLI::App& app, int& exit_code) {
    auto* jws = app.add_subcommand("jws", "Check JSON Web Signatures");
    jws->require_subcommand(1);
    jws->footer(footer_with("holdfast jws verify --key key.json \"$TOKEN\""));
    auto* command = jws->add_subcommand("verify", "Verify a compact JWS, strictly; not its claims");
    const auto options = std::make_shared<verify_options>();
    command->add_option("--key", options->key_file, "File with a JWK or a JWK Set")
        ->required()
        ->type_name("JWK_FILE");
    command->add_option("--alg", options->algorithm,
                        "Algorithm of a key that names none (default: HS256, RS256, or the "
                        "curve's)");
    command->add_flag("--payload", options->print_payload, "Print the payload when it is valid");
    command->add_option("token", options->token, "The token, or - to read it from standard input")
        ->type_name("TOKEN");
    command->allow_extras();
    command->footer(
        footer_with("holdfast jws verify --key key.json \"$TOKEN\"\n"
                    "holdfast jws verify --key keys.json --payload - < token.txt"));
    command->callback([command, options, &exit_code] {
        take_token_that_looks_like_an_option(*command, *options);
        verify(*options);
        exit_code = exit_code::done;
    });
}

}  // namespace holdfast::cli
