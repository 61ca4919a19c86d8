// Whether two sides that were asked a moment apart answered the same.
#pragma once

#include "store/embedded/answer.hpp"

namespace holdfast::test {

/// Equal but for spans in milliseconds, which may differ by what the test itself took, the words of
/// errors that Lua raises, and the sign of "not a number". Where the order of a reply is left to
/// the server, only what it holds is compared.
bool alike(const embedded::answer& ours, const embedded::answer& theirs, bool any_order);

}  // namespace holdfast::test
