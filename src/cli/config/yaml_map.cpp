// Checked access to YAML mappings.
#include "cli/config/yaml_map.hpp"

#include "base/duration.hpp"
#include "cli/command.hpp"
#include "cli/read_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace holdfast::cli {
yaml_map::yaml_map(YAML::Node node, std::string file, std::string path, int line)
    : node_(std::move(node)), file_(std::move(file)), path_(std::move(path)), line_(line) {
    if (!node_.Mark().is_null()) line_ = node_.Mark().line + 1;
    if (!node_.IsMap() && !node_.IsNull() && node_.IsDefined())
        fail_at(node_,
                (path_.empty() ? "the file" : path_) + " must be a mapping of keys to values");
    std::set<std::string> seen;
    for (const auto& member : node_) {
        if (!member.first.IsScalar()) fail_at(member.first, "keys must be plain text");
        if (!seen.insert(member.first.Scalar()).second)
            fail_at(member.first, named(member.first.Scalar()) + " is given twice; keep one");
    }
}

bool yaml_map::has(std::string_view key) const {
    for (const auto& member : node_)
        if (member.first.Scalar() == key) return true;
    return false;
}

std::optional<YAML::Node> yaml_map::take(std::string_view key) {
    known_.emplace_back(key);
    for (const auto& member : node_)
        if (member.first.Scalar() == key) return member.second;
    return std::nullopt;
}

std::string yaml_map::named(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::string yaml_map::scalar(const YAML::Node& node, std::string_view key) const {
    if (!node.IsScalar()) fail_at(node, named(key) + " must be a single value");
    return node.Scalar();
}

std::string yaml_map::text(std::string_view key, std::string fallback) {
    const auto node = take(key);
    return node ? scalar(*node, key) : fallback;
}

std::string yaml_map::required_text(std::string_view key) {
    const auto node = take(key);
    if (!node) fail_at(node_, named(key) + " is missing; it is required");
    auto value = scalar(*node, key);
    if (value.empty()) fail_at(*node, named(key) + " is empty; give a value");
    return value;
}

bool yaml_map::boolean(std::string_view key, bool fallback) {
    return choice<bool>(key, fallback, {{"true", true}, {"false", false}});
}

std::int64_t yaml_map::integer(std::string_view key, std::int64_t fallback, std::int64_t low,
                               std::int64_t high) {
    const auto node = take(key);
    if (!node) return fallback;
    const auto given = scalar(*node, key);
    std::int64_t value = 0;
    const auto* end = given.data() + given.size();
    const auto [stop, ec] = std::from_chars(given.data(), end, value);
    if (ec != std::errc{} || stop != end || value < low || value > high)
        fail_at(*node, named(key) + " is \"" + given + "\"; allowed: a whole number from " +
                           std::to_string(low) + " to " + std::to_string(high));
    return value;
}

milliseconds yaml_map::duration(std::string_view key, milliseconds fallback, milliseconds low,
                                milliseconds high) {
    const auto node = take(key);
    if (!node) return fallback;
    const auto given = scalar(*node, key);
    const auto value = parse_duration(given);
    if (!value || *value < low || *value > high)
        fail_at(*node, named(key) + " is \"" + given +
                           "\"; allowed: seconds or a span such as 12h, 30m, 10s, from " +
                           format_duration(low) + " to " + format_duration(high));
    return *value;
}

secret_text yaml_map::secret(std::string_view key) {
    const auto node = take(key);
    if (!node) return {};
    if (node->IsScalar() && node->Scalar().empty())
        fail_at(*node, named(key) + " is empty; give a secret");
    if (node->IsScalar()) return secret_text(node->Scalar());
    yaml_map source(*node, file_, named(key));
    if (source.has("file") == source.has("env"))
        fail_at(*node, named(key) + " must be the secret itself, {file: PATH} or {env: NAME}");
    secret_text found;
    if (source.has("file")) {
        const auto path = resolve(source.required_text("file"));
        auto text = read_file(path);
        if (!text)
            fail_at(*node,
                    named(key) + ": cannot read " + path + "; check the path and its permissions");
        if (text->ends_with('\n')) text->pop_back();
        found = secret_text(std::move(*text));
    } else {
        const auto name = source.required_text("env");
        const char* value = std::getenv(name.c_str());
        if (value == nullptr)
            fail_at(*node, named(key) + ": the environment has no " + name + "; set it");
        found = secret_text(value);
    }
    source.finish();
    if (found.empty()) fail_at(*node, named(key) + " is empty; give a secret");
    return found;
}

yaml_map yaml_map::map(std::string_view key) {
    const auto node = take(key);
    return {node ? *node : YAML::Node(YAML::NodeType::Null), file_, named(key), line_};
}

std::vector<YAML::Node> yaml_map::list(std::string_view key) {
    const auto node = take(key);
    if (!node || node->IsNull()) return {};
    if (!node->IsSequence()) fail_at(*node, named(key) + " must be a list");
    return {node->begin(), node->end()};
}

std::vector<std::string> yaml_map::texts(std::string_view key) {
    std::vector<std::string> values;
    for (const auto& node : list(key)) values.push_back(scalar(node, key));
    return values;
}

std::vector<std::pair<std::string, YAML::Node>> yaml_map::members() {
    std::vector<std::pair<std::string, YAML::Node>> all;
    for (const auto& member : node_) {
        known_.push_back(member.first.Scalar());
        all.emplace_back(member.first.Scalar(), member.second);
    }
    return all;
}

void yaml_map::finish() const {
    for (const auto& member : node_) {
        const auto& key = member.first.Scalar();
        if (std::ranges::find(known_, key) != known_.end()) continue;
        std::string allowed;
        for (auto name = known_.begin(); name != known_.end(); ++name)
            if (std::find(known_.begin(), name, *name) == name)
                allowed.append(allowed.empty() ? "" : ", ").append(*name);
        fail_at(member.first, "unknown key " + named(key) + "; allowed: " + allowed);
    }
}

std::string yaml_map::resolve(std::string_view path) const {
    const std::filesystem::path given(path);
    if (given.is_absolute()) return given.string();
    return (std::filesystem::absolute(file_).parent_path() / given).lexically_normal().string();
}

void yaml_map::fail(std::string_view key, const std::string& problem) const {
    for (const auto& member : node_)
        if (member.first.Scalar() == key) fail_at(member.second, named(key) + " " + problem);
    fail_at(node_, named(key) + " " + problem);
}

void fail_in_file(const std::string& file, int line, std::string problem) {
    throw command_failure(exit_code::usage,
                          file + ":" + std::to_string(line) + ": " + one_line(std::move(problem)));
}

void yaml_map::fail_here(const std::string& problem) const { fail_in_file(file_, line_, problem); }

void yaml_map::fail_at(const YAML::Node& node, const std::string& problem) const {
    if (!node.IsDefined() || node.Mark().is_null()) fail_here(problem);
    fail_in_file(file_, node.Mark().line + 1, problem);
}

}  // namespace holdfast::cli
