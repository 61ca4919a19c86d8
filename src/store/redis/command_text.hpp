// Writes commands as Redis reads them: arrays of length-prefixed strings.
#pragma once

#include "holdfast/store.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

void append_command(std::string& out, std::span<const std::string_view> words);
inline void append_command(std::string& out, std::initializer_list<std::string_view> words) {
    append_command(out, std::span<const std::string_view>(words.begin(), words.size()));
}

enum class script_form {
    by_hash,  ///< EVALSHA
    by_text,  ///< EVAL: the server keeps the script as well
};

void append_script(std::string& out, script_form form, const script& what, const script_keys& keys,
                   const script_args& args);

}  // namespace holdfast
