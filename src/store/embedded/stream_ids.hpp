// Stream entry ids in text: "ms-seq".
#pragma once

#include "store/embedded/answer.hpp"
#include "store/embedded/effects.hpp"
#include "store/embedded/values.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::embedded {

std::string to_text(stream_id id);
/// "ms" or "ms-seq"; a missing sequence number reads as the given one.
std::optional<stream_id> parse_stream_id(std::string_view text, std::uint64_t missing_seq);

/// Adjacent ids; nothing past either end.
std::optional<stream_id> next_id(stream_id id) noexcept;
std::optional<stream_id> previous_id(stream_id id) noexcept;

namespace errors {
inline answer invalid_stream_id() {
    return answer::error("ERR Invalid stream ID specified as stream command argument");
}
}  // namespace errors

/// MAXLEN or MINID of XADD and XTRIM. `~` is honoured exactly: keeping no more than asked for is
/// among what it allows.
struct trim_option {
    enum class by { nothing, length, id };
    by what = by::nothing;
    std::uint64_t keep = 0;
    stream_id from;
};

/// Reads the option at args[i] and moves i past it; an error answer when it is malformed.
std::optional<answer> parse_trim(arguments args, std::size_t& i, trim_option& out);
/// How many entries went.
std::size_t trim(stream_value& stream, const trim_option& option);

}  // namespace holdfast::embedded
