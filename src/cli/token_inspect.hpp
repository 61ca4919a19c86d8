// The part of `holdfast token` that needs no store.
#pragma once

namespace CLI {
class App;
}

namespace holdfast::cli {

/// Adds `inspect` below the `token` command.
void add_token_inspect(CLI::App& token, int& exit_code);

}  // namespace holdfast::cli
