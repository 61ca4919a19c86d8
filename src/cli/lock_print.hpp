// Mutexes and their past owners as text and as JSON.
#pragma once

#include "holdfast/lock_info.hpp"

#include <optional>
#include <string>

namespace holdfast::cli {

/// "1h30m"; "-" for none.
std::string span_text(const std::optional<milliseconds>& span);
/// Milliseconds; "null" for none.
std::string span_json(const std::optional<milliseconds>& span);
/// "vm/4504/holdfast-0.1.0", "another client" or "nobody".
std::string holder_text(const lock_info& lock);

/// Lines for holder, fence, spans and the whole queue.
std::string text_of(const lock_info& lock);
/// The same as members of a JSON object, without its braces.
std::string json_of(const lock_info& lock);

/// What "host/pid/build#agent" says; parts that it does not say stay empty.
struct who_parts {
    std::string host;
    std::string pid;
    std::string build;
    std::string agent;
};
who_parts parts_of(const std::string& who);
/// "\"host\":…,\"pid\":…,\"build\":…,\"agent\":…".
std::string parts_json(const std::string& who);

/// The holder alone.
std::string holder_lines(const lock_info& lock);
std::string holder_json(const lock_info& lock);
/// One who had it before.
std::string past_line(const past_owner& one);
std::string past_json(const past_owner& one);

}  // namespace holdfast::cli
