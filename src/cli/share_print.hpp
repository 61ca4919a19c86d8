// Locks with several holders as text and as JSON.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/sharing_info.hpp"

#include <string>

namespace holdfast::cli {

/// "3 share it" or "vm/4504/holdfast-0.1.0 has it".
std::string holders_text(const sharing_info& lock);
/// Every holder with fence and end, and the whole queue.
std::string text_of(const lock_name& name, const sharing_info& lock);
std::string to_json(const lock_name& name, const sharing_info& lock);

}  // namespace holdfast::cli
