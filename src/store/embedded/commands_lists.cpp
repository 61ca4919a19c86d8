// Commands on lists.
#include "store/embedded/commands.hpp"
#include "store/embedded/index_range.hpp"
#include "store/embedded/number.hpp"

#include <algorithm>
#include <string>

namespace holdfast::embedded {
namespace {

enum class end { left, right };

answer push(context& c, arguments args, end at) {
    if (c.keys.find<list_value>(args[1]).wrong_type) return errors::wrong_type();
    auto& list = c.keys.make<list_value>(args[1]);
    for (const auto item : args.subspan(2)) {
        if (at == end::left)
            list.emplace_front(item);
        else
            list.emplace_back(item);
    }
    c.keys.changed();
    return answer::size(list.size());
}

answer lpush(context& c, arguments args) { return push(c, args, end::left); }
answer rpush(context& c, arguments args) { return push(c, args, end::right); }

answer take(list_value& list, end from) {
    auto& item = from == end::left ? list.front() : list.back();
    auto taken = answer::bulk(item);
    if (from == end::left)
        list.pop_front();
    else
        list.pop_back();
    return taken;
}

answer pop(context& c, arguments args, end from, std::string_view command) {
    if (args.size() > 3) return errors::arity(command);
    const bool many = args.size() == 3;
    const auto count = many ? parse_integer(args[2]) : 1;
    if (!count || *count < 0) return errors::not_positive();
    const auto found = c.keys.find<list_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::nil();
    auto taken = answer::array();
    for (auto i = *count; i > 0 && !found->empty(); --i) taken.items.push_back(take(*found, from));
    if (!taken.items.empty()) c.keys.changed();
    if (found->empty()) c.keys.erase(args[1]);
    return many ? taken : std::move(taken.items.front());
}

answer lpop(context& c, arguments args) { return pop(c, args, end::left, "lpop"); }
answer rpop(context& c, arguments args) { return pop(c, args, end::right, "rpop"); }

answer llen(context& c, arguments args) {
    const auto found = c.keys.find<list_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::size(found ? found->size() : 0);
}

answer lrange(context& c, arguments args) {
    const auto start = parse_integer(args[2]);
    const auto stop = parse_integer(args[3]);
    if (!start || !stop) return errors::not_integer();
    const auto found = c.keys.find<list_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    auto all = answer::array();
    if (!found) return all;
    const auto range = clamp_range(*start, *stop, found->size());
    for (auto i = range.first; i < range.end; ++i) all.items.push_back(answer::bulk((*found)[i]));
    return all;
}

answer ltrim(context& c, arguments args) {
    const auto start = parse_integer(args[2]);
    const auto stop = parse_integer(args[3]);
    if (!start || !stop) return errors::not_integer();
    const auto found = c.keys.find<list_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::ok();
    const auto range = clamp_range(*start, *stop, found->size());
    found->erase(found->begin() + static_cast<std::ptrdiff_t>(range.end), found->end());
    found->erase(found->begin(), found->begin() + static_cast<std::ptrdiff_t>(range.first));
    if (found->empty()) c.keys.erase(args[1]);
    c.keys.changed();
    return answer::ok();
}

answer lindex(context& c, arguments args) {
    const auto found = c.keys.find<list_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::nil();
    auto at = parse_integer(args[2]);
    if (!at) return errors::not_integer();
    const auto size = static_cast<std::int64_t>(found->size());
    if (*at < 0) *at += size;
    if (*at < 0 || *at >= size) return answer::nil();
    return answer::bulk((*found)[static_cast<std::size_t>(*at)]);
}

// A positive count removes from the left, a negative one from the right, zero removes all.
answer lrem(context& c, arguments args) {
    const auto count = parse_integer(args[2]);
    if (!count) return errors::not_integer();
    const auto found = c.keys.find<list_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    auto left = *count == 0 ? found->size() : static_cast<std::uint64_t>(std::abs(*count));
    std::size_t removed = 0;
    const auto wanted = [&](const std::string& item) {
        if (left == 0 || item != args[3]) return false;
        --left;
        ++removed;
        return true;
    };
    if (*count < 0) std::reverse(found->begin(), found->end());
    std::erase_if(*found, wanted);
    if (*count < 0) std::reverse(found->begin(), found->end());
    if (found->empty()) c.keys.erase(args[1]);
    if (removed > 0) c.keys.changed();
    return answer::size(removed);
}

constexpr unsigned growing = command::write | command::needs_memory;
constexpr command all[] = {
    {"lpush", -3, growing, lpush},       {"rpush", -3, growing, rpush},
    {"lpop", -2, command::write, lpop},  {"rpop", -2, command::write, rpop},
    {"llen", 2, command::read, llen},    {"lrange", 4, command::read, lrange},
    {"ltrim", 4, command::write, ltrim}, {"lindex", 3, command::read, lindex},
    {"lrem", 4, command::write, lrem},
};

}  // namespace

std::span<const command> list_commands() { return all; }

}  // namespace holdfast::embedded
