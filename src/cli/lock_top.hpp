// `holdfast lock top`: the locks that matter most, again and again.
#pragma once

#include "cli/store_session.hpp"

namespace holdfast::cli {

struct top_options {
    milliseconds every{2000};
    std::size_t lines = 20;
    bool once = false;
    bool json = false;  ///< one JSON array a line instead of a table
};

/// Until a signal ends it, or one picture with `once`. Throws command_failure.
task<int> show_top(store_session& session, top_options options);

}  // namespace holdfast::cli
