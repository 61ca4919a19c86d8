// `holdfast token`: look at tokens.
#include "cli/command.hpp"
#include "cli/token_inspect.hpp"
#include "cli/token_issue.hpp"

#include <CLI/CLI.hpp>

namespace holdfast::cli {

void add_token_command(CLI::App& app, int& exit_code) {
    auto* token = app.add_subcommand("token", "Inspect, issue and revoke tokens");
    token->require_subcommand(1);
    token->footer(
        footer_with("holdfast token inspect \"$TOKEN\"\n"
                    "holdfast token issue --user 1"));
    add_token_inspect(*token, exit_code);
    add_token_issue(*token, exit_code);
    add_token_revoke(*token, exit_code);
}

}  // namespace holdfast::cli
