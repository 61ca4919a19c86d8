// A YAML mapping that is read key by key and refuses what nobody asked for.
#pragma once

#include "base/secret.hpp"
#include "holdfast/time.hpp"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::cli {

/// Refuses the file: "FILE:LINE: problem" in one line, whatever the problem quotes of it.
[[noreturn]] void fail_in_file(const std::string& file, int line, std::string problem);

/// One mapping of a configuration file. Every getter marks its key as known; finish() then
/// refuses the keys that are not. Every problem is thrown as command_failure "FILE:LINE: …" (exit
/// code usage).
class yaml_map {
public:
    /// `path` names the mapping in messages: "jwt", "jobs[2].run". The node is a mapping or null; a
    /// null one is taken to stand at `line`.
    yaml_map(YAML::Node node, std::string file, std::string path, int line = 1);

    bool has(std::string_view key) const;
    std::string text(std::string_view key, std::string fallback);
    std::string required_text(std::string_view key);
    bool boolean(std::string_view key, bool fallback);
    std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t low,
                         std::int64_t high);
    milliseconds duration(std::string_view key, milliseconds fallback, milliseconds low,
                          milliseconds high);
    /// Text, `{file: PATH}` or `{env: NAME}`. Empty when the key is absent. One trailing newline of
    /// a file is not part of the secret.
    secret_text secret(std::string_view key);

    template <class T>
    T choice(std::string_view key, T fallback,
             std::initializer_list<std::pair<std::string_view, T>> choices) {
        const auto node = take(key);
        if (!node) return fallback;
        const auto given = scalar(*node, key);
        std::string allowed;
        for (const auto& [name, value] : choices) {
            if (name == given) return value;
            allowed.append(allowed.empty() ? "" : ", ").append(name);
        }
        fail_at(*node, named(key) + " is \"" + given + "\"; allowed: " + allowed);
    }

    yaml_map map(std::string_view key);
    std::vector<YAML::Node> list(std::string_view key);
    std::vector<std::string> texts(std::string_view key);
    /// All members in file order, for mappings whose keys are names.
    std::vector<std::pair<std::string, YAML::Node>> members();

    /// Refuses keys that no getter asked for.
    void finish() const;

    int line() const noexcept { return line_; }
    const std::string& file() const noexcept { return file_; }
    const std::string& path() const noexcept { return path_; }
    /// A path in the file's sense: relative ones start at the file's folder.
    std::string resolve(std::string_view path) const;

    [[noreturn]] void fail(std::string_view key, const std::string& problem) const;
    [[noreturn]] void fail_here(const std::string& problem) const;
    [[noreturn]] void fail_at(const YAML::Node& node, const std::string& problem) const;

private:
    std::optional<YAML::Node> take(std::string_view key);
    std::string scalar(const YAML::Node& node, std::string_view key) const;
    std::string named(std::string_view key) const;

    YAML::Node node_;
    std::string file_;
    std::string path_;
    int line_;
    std::vector<std::string> known_;
};

}  // namespace holdfast::cli
