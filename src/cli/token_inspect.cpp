// `holdfast token inspect`: what a token says, and whether a key vouches for it.
#include "cli/token_inspect.hpp"

#include "base/encode.hpp"
#include "base/write_json.hpp"
#include "cli/command.hpp"
#include "cli/key_file.hpp"
#include "holdfast/claims.hpp"
#include "token/jws/jws.hpp"

#include <CLI/CLI.hpp>

#include <ctime>
#include <iostream>
#include <memory>

namespace holdfast::cli {
namespace {

struct inspect_options {
    std::string token;
    std::string key_file;
    bool json = false;
};

struct parts {
    std::string header;
    std::string payload;
};

bool is_object(std::string_view text) {
    json_object_reader reader(text);
    json_member member;
    while (reader.next(member)) {
    }
    return reader.ok();
}

parts take_apart(std::string_view token) {
    const auto first = token.find('.');
    const auto second = first == token.npos ? first : token.find('.', first + 1);
    if (second == token.npos)
        throw command_failure(exit_code::no,
                              "not a token: a JWS has three segments with dots between them");
    auto header = base64url_decode(token.substr(0, first));
    auto payload = base64url_decode(token.substr(first + 1, second - first - 1));
    if (!header || !payload || !is_object(*header) || !is_object(*payload))
        throw command_failure(exit_code::no,
                              "not a token: header or payload is not a strict JSON object in "
                              "canonical base64url");
    return {std::move(*header), std::move(*payload)};
}

// "valid", or why not; empty without a key.
std::string signature_verdict(const inspect_options& options) {
    if (options.key_file.empty()) return {};
    const auto keys = read_key_file(options.key_file, {});
    jws_buffer buffer;
    jws_view view;
    return describe(check_jws(options.token, keys, buffer, view));
}

std::string utc(wall_time t) {
    const std::time_t seconds = to_unix_seconds(t);
    std::tm fields{};
    char text[32];
    if (gmtime_r(&seconds, &fields) == nullptr) return "?";
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields)};
}

// Nothing that came with the token may move the cursor or start a line of its own.
std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return shown;
}

void print_line(const char* name, std::string_view value) {
    if (value.empty()) return;
    const std::string label = std::string(name) + ':';
    std::cout << label << std::string(label.size() < 14 ? 14 - label.size() : 1, ' ')
              << printable(value) << '\n';
}

void print_time(const char* name, const std::optional<wall_time>& t) {
    if (t) print_line(name, utc(*t));
}

void print_claims(const token_claims& claims) {
    print_line("guard", claims.guard);
    print_line("user", claims.subject);
    print_line("session", claims.sid);
    if (!claims.sid.empty()) print_line("generation", std::to_string(claims.generation));
    print_line("jti", claims.jti);
    print_time("issued", claims.issued_at);
    print_time("not before", claims.not_before);
    print_time("expires", claims.expires_at);
    print_time("signed in", claims.auth_time);
}

void print_text(const parts& token, const std::string& verdict) {
    print_line("header", token.header);
    print_line("payload", token.payload);
    if (const auto claims = token_claims::parse(token.payload)) print_claims(*claims);
    print_line("signature", verdict.empty() ? "not checked (give --key)" : verdict);
}

void inspect(const inspect_options& options) {
    const auto token = take_apart(options.token);
    const auto verdict = signature_verdict(options);
    if (options.json) {
        std::cout << "{\"header\":" << token.header << ",\"payload\":" << token.payload
                  << ",\"signature\":" << (verdict.empty() ? "null" : json_quote(verdict)) << "}\n";
    } else {
        print_text(token, verdict);
    }
    if (!verdict.empty() && verdict != describe(jws_fault::none))
        throw command_failure(exit_code::no, "invalid: " + verdict);
}

}  // namespace

void add_token_inspect(CLI::App& token, int& exit_code) {
    auto* command = token.add_subcommand("inspect", "Show what a token says, without a server");
    const auto options = std::make_shared<inspect_options>();
    command->add_option("token", options->token, "The token")->required()->type_name("TOKEN");
    command->add_option("--key", options->key_file, "Also check the signature with this JWK file");
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer(
        footer_with("holdfast token inspect \"$TOKEN\"\n"
                    "holdfast token inspect --key key.json --json \"$TOKEN\""));
    command->callback([options, &exit_code] {
        inspect(*options);
        exit_code = exit_code::done;
    });
}

}  // namespace holdfast::cli
