// Steps of the differential tests as text, so that a failure can be pasted into the kept cases.
#pragma once

#include <string>
#include <vector>

namespace holdfast::test {

/// A command given as words, or a script.
struct diff_step {
    std::vector<std::string> words;
    std::string lua;

    /// The script both sides run.
    std::string script() const { return lua.empty() ? "return redis.call(unpack(ARGV))" : lua; }
};

/// `lua …` to the end of the line, or words parted by spaces with `\xHH` for other bytes and `\e`
/// for an empty word.
std::string to_text(const diff_step& step);
diff_step parse_step(const std::string& line);

/// Cases are parted by empty lines; lines that start with # are remarks.
std::vector<std::vector<diff_step>> read_cases(const std::string& path);

}  // namespace holdfast::test
