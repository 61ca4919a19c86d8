// Locks with several holders as text and as JSON.
#pragma once

#include "holdfast/name_info.hpp"

#include <string>

namespace holdfast::cli {

/// "3 share it" or, of one, "vm/4504/holdfast-0.1.0".
std::string holders_text(const sharing_info& lock);
/// Lines for the holders (mode, fence, end), the permits and the whole queue.
std::string text_of(lock_family kind, const sharing_info& lock);
std::string holder_lines(lock_family kind, const sharing_info& lock);
std::string queue_text(lock_family kind, const sharing_info& lock);

/// Members of a JSON object, without its braces: all; who holds; who waits.
std::string json_of(const sharing_info& lock);
std::string holders_json(const sharing_info& lock);
std::string queue_json(const sharing_info& lock);

}  // namespace holdfast::cli
