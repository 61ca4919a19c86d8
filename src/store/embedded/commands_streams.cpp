// Commands that add to a stream and read it.
#include "store/embedded/commands.hpp"
#include "store/embedded/number.hpp"
#include "store/embedded/stream_ids.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::embedded {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

struct add_request {
    enum class id_kind { generated, generated_seq, given };

    bool make = true;
    trim_option trim;
    id_kind kind = id_kind::given;
    stream_id id;
    std::size_t first_field = 0;
};

std::optional<answer> parse_id(std::string_view text, add_request& r) {
    if (text == "*") {
        r.kind = add_request::id_kind::generated;
        return std::nullopt;
    }
    if (text.ends_with("-*")) {
        r.kind = add_request::id_kind::generated_seq;
        text.remove_suffix(2);
        if (text.find('-') != text.npos) return errors::invalid_stream_id();
    }
    const auto id = parse_stream_id(text, 0);
    if (!id) return errors::invalid_stream_id();
    r.id = *id;
    return std::nullopt;
}

std::optional<answer> parse_add(arguments args, add_request& r) {
    std::size_t i = 2;
    while (i < args.size()) {
        if (is_word(args[i], "nomkstream")) {
            r.make = false;
            ++i;
        } else if ((is_word(args[i], "maxlen") || is_word(args[i], "minid")) &&
                   i + 1 < args.size()) {
            if (auto refused = parse_trim(args, i, r.trim)) return refused;
        } else {
            if (auto refused = parse_id(args[i], r)) return refused;
            ++i;
            break;
        }
    }
    r.first_field = i;
    if (args.size() - i < 2 || (args.size() - i) % 2 != 0) return errors::arity("xadd");
    if (r.kind == add_request::id_kind::given && r.id == stream_id{})
        return answer::error("ERR The ID specified in XADD must be greater than 0-0");
    return std::nullopt;
}

// The id the entry gets; nothing when it would not be above the last one.
std::optional<stream_id> choose_id(const add_request& r, stream_id last, std::int64_t now_ms) {
    const auto now = static_cast<std::uint64_t>(now_ms);
    switch (r.kind) {
        case add_request::id_kind::generated:
            return now > last.ms ? stream_id{now, 0} : next_id(last);
        case add_request::id_kind::generated_seq:
            if (r.id.ms < last.ms) return std::nullopt;
            if (r.id.ms > last.ms) return stream_id{r.id.ms, 0};
            if (last.seq == most) return std::nullopt;
            return stream_id{last.ms, last.seq + 1};
        case add_request::id_kind::given: break;
    }
    if (r.id <= last) return std::nullopt;
    return r.id;
}

// Replay must make the same entry whatever its clock says.
void record_add(context& c, arguments args, const add_request& r, stream_id id) {
    std::vector<std::string_view> command{"XADD", args[1]};
    const auto text = to_text(id);
    command.push_back(text);
    command.insert(command.end(), args.begin() + static_cast<std::ptrdiff_t>(r.first_field),
                   args.end());
    c.keys.record(command);
    const auto bound =
        r.trim.what == trim_option::by::length ? std::to_string(r.trim.keep) : to_text(r.trim.from);
    if (r.trim.what == trim_option::by::length) c.keys.record({"XTRIM", args[1], "MAXLEN", bound});
    if (r.trim.what == trim_option::by::id) c.keys.record({"XTRIM", args[1], "MINID", bound});
}

answer xadd(context& c, arguments args) {
    add_request r;
    if (auto refused = parse_add(args, r)) return *refused;
    const auto found = c.keys.find<stream_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found && !r.make) return answer::nil();
    if (found && found->last_id == stream_id{most, most})
        return answer::error(
            "ERR The stream has exhausted the last possible ID, unable to add more items");
    const auto id = choose_id(r, found ? found->last_id : stream_id{}, c.keys.now_ms());
    if (!id)
        return answer::error(
            "ERR The ID specified in XADD is equal or smaller than the target stream top item");
    auto& stream = c.keys.make<stream_value>(args[1]);
    auto& fields = stream.entries[*id];
    for (const auto text : args.subspan(r.first_field)) fields.emplace_back(text);
    stream.last_id = *id;
    trim(stream, r.trim);
    record_add(c, args, r, *id);
    return answer::bulk(to_text(*id));
}

answer xlen(context& c, arguments args) {
    const auto found = c.keys.find<stream_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::size(found ? found->entries.size() : 0);
}

struct range_end {
    stream_id id;
    answer refusal;
};

// One end of XRANGE: "-", "+", an id, or "(" and an id to exclude.
range_end parse_end(std::string_view text, bool is_low) {
    const bool exclusive = text.size() > 1 && text.front() == '(';
    if (exclusive) text.remove_prefix(1);
    if (!exclusive && text == "-") return {{}, {}};
    if (!exclusive && text == "+") return {{most, most}, {}};
    const auto id = parse_stream_id(text, is_low ? 0 : most);
    if (!id) return {{}, errors::invalid_stream_id()};
    if (!exclusive) return {*id, {}};
    const auto beside = is_low ? next_id(*id) : previous_id(*id);
    if (beside) return {*beside, {}};
    return {{},
            answer::error(is_low ? "ERR invalid start ID for the interval"
                                 : "ERR invalid end ID for the interval")};
}

answer entry_answer(const stream_id& id, const stream_value::fields& fields) {
    auto texts = answer::array();
    for (const auto& text : fields) texts.items.push_back(answer::bulk(text));
    auto both = answer::array();
    both.items.push_back(answer::bulk(to_text(id)));
    both.items.push_back(std::move(texts));
    return both;
}

answer range(context& c, arguments args, bool reversed) {
    const auto low = parse_end(args[reversed ? 3 : 2], true);
    const auto high = parse_end(args[reversed ? 2 : 3], false);
    if (low.refusal.is_error()) return low.refusal;
    if (high.refusal.is_error()) return high.refusal;
    std::int64_t count = -1;
    for (std::size_t i = 4; i < args.size(); i += 2) {
        if (!is_word(args[i], "count") || i + 1 >= args.size()) return errors::syntax();
        const auto given = parse_integer(args[i + 1]);
        if (!given) return errors::not_integer();
        count = *given < 0 ? 0 : *given;
    }
    const auto found = c.keys.find<stream_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    auto all = answer::array();
    if (!found) return all;
    if (count == 0) return answer::nil();
    const auto& entries = found->entries;
    auto first = entries.lower_bound(low.id);
    auto end = entries.upper_bound(high.id);
    if (low.id > high.id) return all;
    while (first != end && count-- != 0) {
        const auto i = reversed ? std::prev(end) : first;
        all.items.push_back(entry_answer(i->first, i->second));
        if (reversed)
            end = i;
        else
            ++first;
    }
    return all;
}

answer xrange(context& c, arguments args) { return range(c, args, false); }
answer xrevrange(context& c, arguments args) { return range(c, args, true); }

constexpr command all[] = {
    {"xadd", -5, command::write | command::needs_memory, xadd},
    {"xlen", 2, command::read, xlen},
    {"xrange", -4, command::read, xrange},
    {"xrevrange", -4, command::read, xrevrange},
};

}  // namespace

std::span<const command> stream_commands() { return all; }

}  // namespace holdfast::embedded
