// Commands on sets.
#include "store/embedded/commands.hpp"
#include "store/embedded/remove_members.hpp"

namespace holdfast::embedded {
namespace {

answer sadd(context& c, arguments args) {
    if (c.keys.find<set_value>(args[1]).wrong_type) return errors::wrong_type();
    auto& set = c.keys.make<set_value>(args[1]);
    std::size_t added = 0;
    for (const auto member : args.subspan(2)) added += set.put(member, {}).second ? 1 : 0;
    if (added > 0) c.keys.changed();
    return answer::size(added);
}

answer smembers(context& c, arguments args) {
    const auto found = c.keys.find<set_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    auto all = answer::array();
    if (!found) return all;
    for (const auto& [id, e] : *found) all.items.push_back(answer::bulk(e.key));
    return all;
}

answer sismember(context& c, arguments args) {
    const auto found = c.keys.find<set_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::integer(found && found->find(args[2]) != nullptr ? 1 : 0);
}

answer scard(context& c, arguments args) {
    const auto found = c.keys.find<set_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::size(found ? found->size() : 0);
}

constexpr unsigned growing = command::write | command::needs_memory;
constexpr command all[] = {
    {"sadd", -3, growing, sadd},
    {"srem", -3, command::write, remove_members<set_value>},
    {"smembers", 2, command::read, smembers},
    {"sismember", 3, command::read, sismember},
    {"scard", 2, command::read, scard},
};

}  // namespace

std::span<const command> set_commands() { return all; }

}  // namespace holdfast::embedded
