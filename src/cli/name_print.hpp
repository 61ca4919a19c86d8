// Names of every member of the lock family as text and as JSON.
#pragma once

#include "holdfast/name_info.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::cli {

/// "vm/4504/holdfast-0.1.0", "3 share it", "another client" or "nobody".
std::string holder_text(const name_info& lock);
/// The longest time until a lease on it ends; none: never, or nobody has it.
std::optional<milliseconds> last_end(const name_info& lock);

/// Whether the attempt of this owner id is among the holders that are listed.
bool holds(const name_info& lock, const std::string& owner);

/// One line, tabs between the fields: easy to cut, and aligned by `column -t`.
std::string line_of(const name_info& lock);
/// Every holder, every span and the whole queue.
std::string text_of(const name_info& lock);
std::string to_json(const name_info& lock);

/// The holders alone, and those before them.
std::string who_text(const name_info& lock, const std::vector<past_owner>& before);
std::string who_json(const name_info& lock, const std::vector<past_owner>& before);

}  // namespace holdfast::cli
