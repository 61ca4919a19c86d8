// Where the command begins in the words of `holdfast run`. Pure.
#pragma once

#include <string>
#include <vector>

namespace holdfast::cli {

/// The words, "run" the first of them, with "--" put before the command: it begins, as flock(1)
/// has it, at the first word after the lock's name that is no option. Unchanged where "--" is there
/// already.
std::vector<std::string> mark_command(std::vector<std::string> words);

}  // namespace holdfast::cli
