// Reads tab-separated case files.
#include "schedule/cron/tsv.hpp"

#include <fstream>

namespace holdfast::test {

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    for (;;) {
        const auto end = text.find(at);
        parts.emplace_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::vector<std::string>> read_tsv(std::string_view file) {
    std::ifstream in(std::string(HOLDFAST_TEST_DATA "/cron/").append(file));
    std::vector<std::vector<std::string>> rows;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line))
        if (!line.empty()) rows.push_back(split(line, '\t'));
    return rows;
}

}  // namespace holdfast::test
