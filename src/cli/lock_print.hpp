// Locks as text and as JSON.
#pragma once

#include "holdfast/lock_info.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::cli {

/// "1h30m"; "-" for none.
std::string span_text(const std::optional<milliseconds>& span);
/// Milliseconds; "null" for none.
std::string span_json(const std::optional<milliseconds>& span);
/// "vm/4504/holdfast-0.1.0", "another client" or "nobody".
std::string holder_text(const lock_info& lock);

/// One line, tabs between the fields: easy to cut, and aligned by `column -t`.
std::string line_of(const lock_info& lock);
/// Holder, fence, spans and the whole queue.
std::string text_of(const lock_info& lock);
std::string to_json(const lock_info& lock);

/// What "host/pid/build" says; parts that it does not say stay empty.
struct who_parts {
    std::string host;
    std::string pid;
    std::string build;
};
who_parts parts_of(const std::string& who);

/// The holder alone, and those before it.
std::string who_text(const lock_info& lock, const std::vector<past_owner>& before);
std::string who_json(const lock_info& lock, const std::vector<past_owner>& before);

}  // namespace holdfast::cli
