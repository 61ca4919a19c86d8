// Conversion between command answers and Lua values, as Redis does it for RESP2.
#pragma once

#include "store/embedded/answer.hpp"

struct lua_State;

namespace holdfast::embedded {

/// Pushes one value: nil becomes false, a status {ok=}, an error {err=}.
void push_answer(lua_State* L, const answer& from);

/// Reads the value on the top of the stack, and pops it: numbers are truncated, true is 1, false
/// and everything without a counterpart nil, a table ends at its first nil.
answer pop_answer(lua_State* L);

/// A Lua number as an integer: truncated; what does not fit is the lowest integer, as x86-64 has
/// it.
std::int64_t lua_integer_of(double number) noexcept;

}  // namespace holdfast::embedded
