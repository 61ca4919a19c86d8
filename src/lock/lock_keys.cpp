// Derived key names and back.
#include "lock/lock_keys.hpp"

namespace holdfast {
std::string side_key_of(const lock_name& name, std::string_view prefix, char kind) {
    const auto tag = name.hash_tag();
    std::string key;
    key.reserve(prefix.size() + tag.size() + name.str().size() + 5);
    key.append(prefix).append(1, kind).append(":{").append(tag).append("}:").append(name.str());
    return key;
}

script_keys all_keys_of(const lock_name& name, std::string_view prefix) {
    return script_keys(name.str(), side_key_of(name, prefix, 'q'), side_key_of(name, prefix, 'f'),
                       side_key_of(name, prefix, 'm'));
}

script_keys shared_keys_of(const lock_name& name, std::string_view prefix) {
    return script_keys(name.str(), side_key_of(name, prefix, 's'), side_key_of(name, prefix, 'f'),
                       side_key_of(name, prefix, 'g'));
}

script_keys every_key_of(const lock_name& name, std::string_view prefix) {
    auto keys = all_keys_of(name, prefix);
    for (const char kind : {'s', 'g', 'c', 'v'}) keys.add(side_key_of(name, prefix, kind));
    return keys;
}

std::string history_key_of(const lock_name& name, std::string_view prefix) {
    return side_key_of(name, prefix, 'h');
}

bool is_side_key(const lock_name& name, std::string_view prefix) {
    std::string_view text = name.str();
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    constexpr std::string_view kinds = "qfmhsgcvo";
    return text.size() > 3 && kinds.find(text[0]) != kinds.npos && text.substr(1, 2) == ":{";
}

std::string side_key_pattern(std::string_view prefix) {
    std::string pattern;
    for (const char c : prefix) {
        if (std::string_view("*?[]\\^").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
    }
    return pattern + "[mqsg]:{*";
}

std::optional<lock_name> lock_of_side_key(std::string_view key, std::string_view prefix) {
    if (!key.starts_with(prefix)) return std::nullopt;
    key.remove_prefix(prefix.size());
    const auto tag_end = key.find("}:");
    const bool ours = key.size() > 3 && std::string_view("mqsg").find(key[0]) != key.npos &&
                      key.substr(1, 2) == ":{";
    if (!ours || tag_end == key.npos) return std::nullopt;
    auto name = lock_name::parse(key.substr(tag_end + 2));
    if (!name || name->hash_tag() != key.substr(3, tag_end - 3)) return std::nullopt;
    return *name;
}

}  // namespace holdfast
