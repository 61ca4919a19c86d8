// What a fuzzer checks beyond "does not crash".
#pragma once

#include <cstdlib>

namespace holdfast::fuzz {

/// Ends the process, which is how libFuzzer learns of a broken promise.
inline void require(bool promise) {
    if (!promise) std::abort();
}

}  // namespace holdfast::fuzz
