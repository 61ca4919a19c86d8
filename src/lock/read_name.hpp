// What inspect.lua answers, as a name_info.
#pragma once

#include "holdfast/name_info.hpp"
#include "holdfast/reply.hpp"

namespace holdfast {

/// Failure: wrong_type, the key holds nothing of ours.
result<name_info> read_name(const lock_name& name, const reply& answer);

}  // namespace holdfast
