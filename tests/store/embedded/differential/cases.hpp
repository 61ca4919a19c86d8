// Steps of the differential tests as text, so that a failure can be pasted into the kept cases.
#pragma once

#include <string>
#include <vector>

namespace holdfast::test {

/// A command given as words, a script, or a call of a shipped script with `words` as its ARGV.
struct diff_step {
    std::vector<std::string> words = {};
    std::string lua = {};
    std::string shipped = {};  ///< "room/name"
    std::vector<std::string> keys = {};

    /// The script both sides run.
    std::string script() const { return lua.empty() ? "return redis.call(unpack(ARGV))" : lua; }
};

/// `lua …` to the end of the line, `script room/name COUNT-OF-KEYS key … arg …`, or words parted by
/// spaces with `\xHH` for other bytes and `\e` for an empty word.
std::string to_text(const diff_step& step);
diff_step parse_step(const std::string& line);

/// Cases are parted by empty lines; lines that start with # are remarks.
std::vector<std::vector<diff_step>> read_cases(const std::string& path);

}  // namespace holdfast::test
