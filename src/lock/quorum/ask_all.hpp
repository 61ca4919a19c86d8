// The same question to several nodes at once, each with the same time to answer.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace holdfast {

/// By node; none: has not answered yet.
using node_answers = std::vector<std::optional<result<std::int64_t>>>;
using node_question = std::function<task<result<std::int64_t>>(std::size_t node)>;

/// Returns when every node has answered, or `patience` is over (errc::outcome_unknown then), or
/// `enough` says so: those that have not answered by then go on by themselves and their answers are
/// dropped. `question` is called for every node before this waits; it must not refer to anything
/// that ends before the last answer.
task<node_answers> ask_all(runtime& rt, std::size_t nodes, nanoseconds patience,
                           node_question question, std::function<bool(const node_answers&)> enough);

}  // namespace holdfast
