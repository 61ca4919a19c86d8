// The part of `holdfast token` that needs the store: issue and revoke.
#pragma once

namespace CLI {
class App;
}

namespace holdfast::cli {

/// Adds `issue` below the `token` command.
void add_token_issue(CLI::App& token, int& exit_code);
/// Adds `revoke`.
void add_token_revoke(CLI::App& token, int& exit_code);

}  // namespace holdfast::cli
