// Serialising of commands; on the hot path, so digits are written by hand.
#include "store/redis/command_text.hpp"

#include <charconv>

namespace holdfast {
namespace {

void append_count(std::string& out, char type, std::size_t count) {
    char line[24];
    line[0] = type;
    char* end = std::to_chars(line + 1, line + sizeof line - 2, count).ptr;
    *end++ = '\r';
    *end++ = '\n';
    out.append(line, end);
}

void append_word(std::string& out, std::string_view word) {
    append_count(out, '$', word.size());
    out.append(word);
    out.append("\r\n", 2);
}

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> words) {
    append_count(out, '*', words.size());
    for (const auto word : words) append_word(out, word);
}

void append_script(std::string& out, script_form form, const script& what, const script_keys& keys,
                   const script_args& args) {
    append_count(out, '*', 3 + keys.values().size() + args.values().size());
    append_word(out, form == script_form::by_hash ? "EVALSHA" : "EVAL");
    append_word(out, form == script_form::by_hash ? what.sha1 : what.text);
    char digits[24];
    const char* end = std::to_chars(digits, digits + sizeof digits, keys.values().size()).ptr;
    append_word(out, {digits, end});
    for (const auto& key : keys.values()) append_word(out, key);
    for (const auto& arg : args.values()) append_word(out, arg);
}

}  // namespace holdfast
