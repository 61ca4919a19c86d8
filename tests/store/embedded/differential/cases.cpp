// Reading and writing the kept cases.
#include "store/embedded/differential/cases.hpp"

#include <cctype>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace holdfast::test {
namespace {

std::string quote(const std::string& word) {
    if (word.empty()) return "\\e";
    std::string out;
    for (const char c : word) {
        if (std::isgraph(static_cast<unsigned char>(c)) && c != '\\') {
            out += c;
        } else {
            char hex[8];
            std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
            out += hex;
        }
    }
    return out;
}

std::string unquote(const std::string& word) {
    if (word == "\\e") return {};
    std::string out;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (word.compare(i, 2, "\\x") != 0) {
            out += word[i];
            continue;
        }
        out += static_cast<char>(std::stoi(word.substr(i + 2, 2), nullptr, 16));
        i += 3;
    }
    return out;
}

}  // namespace

std::string to_text(const diff_step& step) {
    if (!step.lua.empty()) return "lua " + step.lua;
    std::string line;
    if (!step.shipped.empty())
        line = "script " + step.shipped + " " + std::to_string(step.keys.size());
    for (const auto* list : {&step.keys, &step.words})
        for (const auto& word : *list) line += (line.empty() ? "" : " ") + quote(word);
    return line;
}

diff_step parse_step(const std::string& line) {
    diff_step step;
    if (line.starts_with("lua ")) {
        step.lua = line.substr(4);
        return step;
    }
    std::istringstream words(line);
    if (line.starts_with("script ")) {
        std::string key;
        std::size_t count = 0;
        words >> key >> step.shipped >> count;
        while (step.keys.size() < count && words >> key) step.keys.push_back(unquote(key));
    }
    for (std::string word; words >> word;) step.words.push_back(unquote(word));
    return step;
}

std::vector<std::vector<diff_step>> read_cases(const std::string& path) {
    std::vector<std::vector<diff_step>> cases(1);
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with('#')) continue;
        if (!line.empty())
            cases.back().push_back(parse_step(line));
        else if (!cases.back().empty())
            cases.emplace_back();
    }
    if (cases.back().empty()) cases.pop_back();
    return cases;
}

}  // namespace holdfast::test
