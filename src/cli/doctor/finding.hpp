// One line of `holdfast doctor`.
#pragma once

#include <string>
#include <vector>

namespace holdfast::cli {

struct finding {
    enum class grade { ok, warn, fail };
    grade how;
    std::string subject;      ///< one stable word: "eviction"
    std::string what;         ///< what was found, and what it means
    std::string advice = {};  ///< what to do; empty with ok
};
using findings = std::vector<finding>;

}  // namespace holdfast::cli
