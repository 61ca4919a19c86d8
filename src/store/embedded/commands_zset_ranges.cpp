// Commands on ranges of a sorted set, by rank or by score.
#include "store/embedded/commands.hpp"
#include "store/embedded/index_range.hpp"
#include "store/embedded/number.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::embedded {
namespace {

struct range_query {
    std::string_view from;
    std::string_view to;
    bool by_score = false;
    bool reversed = false;
    bool with_scores = false;
    bool limited = false;
    std::int64_t offset = 0;
    std::int64_t limit = -1;
};

answer not_a_score_range() { return answer::error("ERR min or max is not a float"); }

// Options after the two ends. `fixed`: the command's name says by what and which way.
std::optional<answer> parse_options(arguments args, bool fixed, range_query& q) {
    for (std::size_t i = 4; i < args.size(); ++i) {
        if (is_word(args[i], "withscores")) {
            q.with_scores = true;
        } else if (is_word(args[i], "limit") && i + 2 < args.size()) {
            const auto offset = parse_integer(args[i + 1]);
            const auto limit = parse_integer(args[i + 2]);
            if (!offset || !limit) return errors::not_integer();
            q.offset = *offset;
            q.limit = *limit;
            q.limited = true;
            i += 2;
        } else if (!fixed && !q.reversed && is_word(args[i], "rev")) {
            q.reversed = true;
        } else if (!fixed && !q.by_score && is_word(args[i], "byscore")) {
            q.by_score = true;
        } else {
            return errors::syntax();
        }
    }
    if (q.limited && q.limit != -1 && !q.by_score)
        return answer::error(
            "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or "
            "BYLEX");
    return std::nullopt;
}

// Ranks of the members between two scores.
index_range score_ranks(const sorted_set& set, const score_bound& low, const score_bound& high) {
    const auto first = set.count_below(low.score, low.exclusive);
    const auto end = set.count_below(high.score, !high.exclusive);
    return first < end ? index_range{first, end} : index_range{};
}

// LIMIT counts from whichever end the listing starts. A negative offset gives nothing, a negative
// limit everything.
index_range cut(index_range r, const range_query& q) noexcept {
    const auto size = static_cast<std::int64_t>(r.end - r.first);
    if (q.offset < 0 || q.offset >= size) return {};
    const auto left = size - q.offset;
    const auto kept = q.limit < 0 || q.limit > left ? left : q.limit;
    if (q.reversed) r.end -= static_cast<std::size_t>(q.offset);
    if (q.reversed) return {r.end - static_cast<std::size_t>(kept), r.end};
    r.first += static_cast<std::size_t>(q.offset);
    return {r.first, r.first + static_cast<std::size_t>(kept)};
}

answer list_items(const sorted_set& set, index_range r, const range_query& q) {
    auto all = answer::array();
    if (r.first >= r.end) return all;
    auto i = set.at(q.reversed ? r.end - 1 : r.first);
    for (auto left = r.end - r.first; left > 0; --left) {
        const auto item = *i;
        all.items.push_back(answer::bulk(item.member));
        if (q.with_scores) all.items.push_back(answer::bulk(format_double(item.score)));
        if (left == 1) break;
        if (q.reversed)
            --i;
        else
            ++i;
    }
    return all;
}

answer range_by_score(context& c, std::string_view key, const range_query& q) {
    const auto low = parse_score_bound(q.reversed ? q.to : q.from);
    const auto high = parse_score_bound(q.reversed ? q.from : q.to);
    if (!low || !high) return not_a_score_range();
    const auto found = c.keys.find<sorted_set>(key);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::array();
    return list_items(*found, cut(score_ranks(*found, *low, *high), q), q);
}

answer range_by_rank(context& c, std::string_view key, const range_query& q) {
    const auto start = parse_integer(q.from);
    const auto stop = parse_integer(q.to);
    if (!start || !stop) return errors::not_integer();
    const auto found = c.keys.find<sorted_set>(key);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::array();
    auto r = clamp_range(*start, *stop, found->size());
    if (q.reversed && r.first < r.end) r = {found->size() - r.end, found->size() - r.first};
    return list_items(*found, r, q);
}

answer run_query(context& c, arguments args, bool fixed, range_query q) {
    q.from = args[2];
    q.to = args[3];
    if (auto refused = parse_options(args, fixed, q)) return *refused;
    return q.by_score ? range_by_score(c, args[1], q) : range_by_rank(c, args[1], q);
}

answer zrange(context& c, arguments args) { return run_query(c, args, false, {}); }
answer zrevrange(context& c, arguments args) {
    range_query q;
    q.reversed = true;
    return run_query(c, args, true, q);
}
answer zrangebyscore(context& c, arguments args) {
    range_query q;
    q.by_score = true;
    return run_query(c, args, true, q);
}
answer zrevrangebyscore(context& c, arguments args) {
    range_query q;
    q.by_score = true;
    q.reversed = true;
    return run_query(c, args, true, q);
}

answer zcount(context& c, arguments args) {
    const auto low = parse_score_bound(args[2]);
    const auto high = parse_score_bound(args[3]);
    if (!low || !high) return not_a_score_range();
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    const auto r = score_ranks(*found, *low, *high);
    return answer::size(r.end - r.first);
}

answer remove_ranks(context& c, std::string_view key, sorted_set& set, index_range r) {
    const auto removed = r.end - r.first;
    for (auto left = removed; left > 0; --left) set.erase(std::string(set.at(r.first)->member));
    if (set.empty()) c.keys.erase(key);
    if (removed > 0) c.keys.changed();
    return answer::size(removed);
}

answer zremrangebyscore(context& c, arguments args) {
    const auto low = parse_score_bound(args[2]);
    const auto high = parse_score_bound(args[3]);
    if (!low || !high) return not_a_score_range();
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    return remove_ranks(c, args[1], *found, score_ranks(*found, *low, *high));
}

answer zremrangebyrank(context& c, arguments args) {
    const auto start = parse_integer(args[2]);
    const auto stop = parse_integer(args[3]);
    if (!start || !stop) return errors::not_integer();
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    return remove_ranks(c, args[1], *found, clamp_range(*start, *stop, found->size()));
}

constexpr command all[] = {
    {"zrange", -4, command::read, zrange},
    {"zrevrange", -4, command::read, zrevrange},
    {"zrangebyscore", -4, command::read, zrangebyscore},
    {"zrevrangebyscore", -4, command::read, zrevrangebyscore},
    {"zcount", 4, command::read, zcount},
    {"zremrangebyscore", 4, command::write, zremrangebyscore},
    {"zremrangebyrank", 4, command::write, zremrangebyrank},
};

}  // namespace

std::span<const command> zset_range_commands() { return all; }

}  // namespace holdfast::embedded
