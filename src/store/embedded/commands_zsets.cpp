// Commands that change or look up members of a sorted set.
#include "store/embedded/commands.hpp"
#include "store/embedded/number.hpp"
#include "store/embedded/remove_members.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::embedded {
namespace {

struct add_options {
    bool only_absent = false;
    bool only_present = false;
    bool only_greater = false;
    bool only_less = false;
    bool count_changed = false;
    bool increment = false;
    std::size_t first_score = 2;
};

add_options parse_add_options(arguments args) {
    add_options o;
    for (auto& i = o.first_score; i < args.size(); ++i) {
        if (is_word(args[i], "nx"))
            o.only_absent = true;
        else if (is_word(args[i], "xx"))
            o.only_present = true;
        else if (is_word(args[i], "gt"))
            o.only_greater = true;
        else if (is_word(args[i], "lt"))
            o.only_less = true;
        else if (is_word(args[i], "ch"))
            o.count_changed = true;
        else if (is_word(args[i], "incr"))
            o.increment = true;
        else
            break;
    }
    return o;
}

std::optional<answer> refuse(const add_options& o, std::size_t elements) {
    if (elements == 0 || elements % 2 != 0) return errors::syntax();
    if (o.only_absent && o.only_present)
        return answer::error("ERR XX and NX options at the same time are not compatible");
    if ((o.only_greater && o.only_absent) || (o.only_less && o.only_absent) ||
        (o.only_greater && o.only_less))
        return answer::error("ERR GT, LT, and/or NX options at the same time are not compatible");
    if (o.increment && elements > 2)
        return answer::error("ERR INCR option supports a single increment-element pair");
    return std::nullopt;
}

struct add_result {
    bool added = false;
    bool moved = false;
    bool not_a_number = false;
    std::optional<double> score;  // absent: an option said no
};

add_result add_one(sorted_set& set, const add_options& o, double score, std::string_view member) {
    const auto before = set.score(member);
    if (before ? o.only_absent : o.only_present) return {};
    if (before && o.increment) score += *before;
    if (std::isnan(score)) return {false, false, true, std::nullopt};
    if (before && ((o.only_greater && score <= *before) || (o.only_less && score >= *before)))
        return {};
    const bool moved = before && *before != score;
    if (!before || moved) set.put(member, score);
    return {!before, moved, false, score};
}

std::optional<std::vector<double>> parse_scores(arguments pairs) {
    std::vector<double> scores;
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
        const auto score = parse_score(pairs[i]);
        if (!score) return std::nullopt;
        scores.push_back(*score);
    }
    return scores;
}

answer add(context& c, arguments args, const add_options& o) {
    const auto pairs = args.subspan(o.first_score);
    if (auto refused = refuse(o, pairs.size())) return *refused;
    const auto scores = parse_scores(pairs);
    if (!scores) return errors::not_float();
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found && o.only_present) return o.increment ? answer::nil() : answer::integer(0);
    auto& set = c.keys.make<sorted_set>(args[1]);
    std::int64_t added = 0;
    std::int64_t moved = 0;
    add_result one;
    for (std::size_t i = 0; i < scores->size() && !one.not_a_number; ++i) {
        one = add_one(set, o, (*scores)[i], pairs[2 * i + 1]);
        added += one.added ? 1 : 0;
        moved += one.moved ? 1 : 0;
    }
    if (set.empty()) c.keys.erase(args[1]);
    if (added + moved > 0) c.keys.changed();
    if (one.not_a_number) return answer::error("ERR resulting score is not a number (NaN)");
    if (!o.increment) return answer::integer(o.count_changed ? added + moved : added);
    return one.score ? answer::bulk(format_double(*one.score)) : answer::nil();
}

answer zadd(context& c, arguments args) { return add(c, args, parse_add_options(args)); }

answer zincrby(context& c, arguments args) {
    add_options o;
    o.increment = true;
    return add(c, args, o);
}

answer zscore(context& c, arguments args) {
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    const auto score = found ? found->score(args[2]) : std::nullopt;
    return score ? answer::bulk(format_double(*score)) : answer::nil();
}

answer rank_of(context& c, arguments args, bool from_top) {
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found || !found->score(args[2])) return answer::nil();
    const auto rank = found->rank(args[2]);
    return answer::size(from_top ? found->size() - 1 - rank : rank);
}

answer zrank(context& c, arguments args) { return rank_of(c, args, false); }
answer zrevrank(context& c, arguments args) { return rank_of(c, args, true); }

answer zcard(context& c, arguments args) {
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::size(found ? found->size() : 0);
}

answer pop(context& c, arguments args, bool from_top) {
    if (args.size() > 3) return errors::syntax();
    const auto count = args.size() == 3 ? parse_integer(args[2]) : 1;
    if (!count || *count < 0) return errors::not_positive();
    const auto found = c.keys.find<sorted_set>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    auto taken = answer::array();
    if (!found) return taken;
    for (auto i = *count; i > 0 && !found->empty(); --i) {
        const auto item = *found->at(from_top ? found->size() - 1 : 0);
        taken.items.push_back(answer::bulk(item.member));
        taken.items.push_back(answer::bulk(format_double(item.score)));
        found->erase(std::string(item.member));
    }
    if (found->empty()) c.keys.erase(args[1]);
    if (!taken.items.empty()) c.keys.changed();
    return taken;
}

answer zpopmin(context& c, arguments args) { return pop(c, args, false); }
answer zpopmax(context& c, arguments args) { return pop(c, args, true); }

constexpr unsigned growing = command::write | command::needs_memory;
constexpr command all[] = {
    {"zadd", -4, growing, zadd},
    {"zincrby", 4, growing, zincrby},
    {"zrem", -3, command::write, remove_members<sorted_set>},
    {"zscore", 3, command::read, zscore},
    {"zrank", 3, command::read, zrank},
    {"zrevrank", 3, command::read, zrevrank},
    {"zcard", 2, command::read, zcard},
    {"zpopmin", -2, command::write, zpopmin},
    {"zpopmax", -2, command::write, zpopmax},
};

}  // namespace

std::span<const command> zset_commands() { return all; }

}  // namespace holdfast::embedded
