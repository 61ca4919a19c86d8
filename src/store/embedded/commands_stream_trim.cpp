// Stream ids, and commands that take entries out of a stream.
#include "store/embedded/commands.hpp"
#include "store/embedded/number.hpp"
#include "store/embedded/stream_ids.hpp"

#include <cerrno>
#include <cstdlib>
#include <limits>

namespace holdfast::embedded {

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

// As lenient as the server is: white space and a sign before the digits, zeros in front.
bool parse_unsigned(std::string_view text, std::uint64_t& out) {
    if (const auto plain = parse_integer(text); plain && *plain < 0) return false;
    const std::string copy(text.substr(0, text.find('\0')));
    char* end = nullptr;
    errno = 0;
    out = std::strtoull(copy.c_str(), &end, 10);
    return errno == 0 && !text.empty() && end != copy.c_str() && end == copy.c_str() + text.size();
}

}  // namespace

std::string to_text(stream_id id) { return std::to_string(id.ms) + "-" + std::to_string(id.seq); }

std::optional<stream_id> parse_stream_id(std::string_view text, std::uint64_t missing_seq) {
    stream_id id{0, missing_seq};
    const auto dash = text.find('-');
    if (!parse_unsigned(text.substr(0, dash), id.ms)) return std::nullopt;
    if (dash != text.npos && !parse_unsigned(text.substr(dash + 1), id.seq)) return std::nullopt;
    return id;
}

std::optional<stream_id> next_id(stream_id id) noexcept {
    if (id.seq != most) return stream_id{id.ms, id.seq + 1};
    if (id.ms != most) return stream_id{id.ms + 1, 0};
    return std::nullopt;
}

std::optional<stream_id> previous_id(stream_id id) noexcept {
    if (id.seq != 0) return stream_id{id.ms, id.seq - 1};
    if (id.ms != 0) return stream_id{id.ms - 1, most};
    return std::nullopt;
}

std::optional<answer> parse_trim(arguments args, std::size_t& i, trim_option& out) {
    if (out.what != trim_option::by::nothing)
        return answer::error(
            "ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
    const bool by_length = is_word(args[i], "maxlen");
    out.what = by_length ? trim_option::by::length : trim_option::by::id;
    ++i;
    bool approximate = false;
    if (i + 1 < args.size() && (args[i] == "~" || args[i] == "=")) approximate = args[i++] == "~";
    if (i >= args.size()) return errors::syntax();
    if (by_length) {
        const auto keep = parse_integer(args[i]);
        if (!keep) return errors::not_integer();
        if (*keep < 0) return answer::error("ERR The MAXLEN argument must be >= 0.");
        out.keep = static_cast<std::uint64_t>(*keep);
    } else {
        const auto from = parse_stream_id(args[i], 0);
        if (!from) return errors::invalid_stream_id();
        out.from = *from;
    }
    ++i;
    if (i + 1 < args.size() && is_word(args[i], "limit")) {
        const auto limit = parse_integer(args[i + 1]);
        if (!limit) return errors::not_integer();
        if (*limit < 0) return answer::error("ERR The LIMIT argument must be >= 0.");
        if (!approximate)
            return answer::error(
                "ERR syntax error, LIMIT cannot be used without the special ~ option");
        i += 2;
    }
    return std::nullopt;
}

std::size_t trim(stream_value& stream, const trim_option& option) {
    const auto before = stream.entries.size();
    if (option.what == trim_option::by::length) {
        while (stream.entries.size() > option.keep) stream.entries.erase(stream.entries.begin());
    } else if (option.what == trim_option::by::id) {
        stream.entries.erase(stream.entries.begin(), stream.entries.lower_bound(option.from));
    }
    return before - stream.entries.size();
}

namespace {

answer xtrim(context& c, arguments args) {
    trim_option option;
    std::size_t i = 2;
    if (!is_word(args[i], "maxlen") && !is_word(args[i], "minid")) return errors::syntax();
    if (auto refused = parse_trim(args, i, option)) return *refused;
    if (i != args.size()) return errors::syntax();
    const auto found = c.keys.find<stream_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    const auto removed = trim(*found, option);
    if (removed > 0) c.keys.changed();
    return answer::size(removed);
}

answer xdel(context& c, arguments args) {
    const auto found = c.keys.find<stream_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    for (const auto text : args.subspan(2))
        if (!parse_stream_id(text, 0)) return errors::invalid_stream_id();
    std::size_t removed = 0;
    for (const auto text : args.subspan(2))
        removed += found->entries.erase(*parse_stream_id(text, 0));
    if (removed > 0) c.keys.changed();
    return answer::size(removed);
}

// How a compacted journal restores the last id of a stream whose newest entries were deleted.
answer xsetid(context& c, arguments args) {
    const auto id = parse_stream_id(args[2], 0);
    if (!id) return errors::invalid_stream_id();
    if (args.size() != 3) return errors::syntax();
    const auto found = c.keys.find<stream_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::error("ERR no such key");
    if (!found->entries.empty() && *id < found->entries.rbegin()->first)
        return answer::error(
            "ERR The ID specified in XSETID is smaller than the target stream top item");
    found->last_id = *id;
    c.keys.changed();
    return answer::ok();
}

constexpr command all[] = {
    {"xtrim", -4, command::write, xtrim},
    {"xdel", -3, command::write, xdel},
    {"xsetid", -3, command::write | command::needs_memory, xsetid},
};

}  // namespace

std::span<const command> stream_trim_commands() { return all; }

}  // namespace holdfast::embedded
