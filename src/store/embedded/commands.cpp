// Finding and running a command.
#include "store/embedded/commands.hpp"

#include <array>
#include <string>
#include <unordered_map>

namespace holdfast::embedded {
namespace errors {

answer arity(std::string_view command) {
    return answer::error("ERR wrong number of arguments for '" + std::string(command) +
                         "' command");
}
answer expire_time(std::string_view command) {
    return answer::error("ERR invalid expire time in '" + std::string(command) + "' command");
}

}  // namespace errors

namespace {

using table = std::unordered_map<std::string_view, const command*>;

table make_table() {
    table all;
    for (const auto family :
         {string_commands(), counter_commands(), key_commands(), expiry_commands(), hash_commands(),
          list_commands(), set_commands(), zset_commands(), zset_range_commands(),
          stream_commands(), stream_trim_commands(), server_commands()})
        for (const auto& one : family) all.emplace(one.name, &one);
    return all;
}

const command* find_command(std::string_view name) {
    static const table all = make_table();
    std::array<char, 20> lower{};
    if (name.size() > lower.size()) return nullptr;
    for (std::size_t i = 0; i < name.size(); ++i)
        lower[i] =
            name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + ('a' - 'A')) : name[i];
    const auto found = all.find({lower.data(), name.size()});
    return found == all.end() ? nullptr : found->second;
}

bool arity_fits(int arity, std::size_t given) noexcept {
    const auto count = static_cast<int>(given);
    return arity >= 0 ? count == arity : count >= -arity;
}

}  // namespace

answer execute(context& c, arguments args) {
    const auto* found = find_command(args[0]);
    if (found == nullptr) return answer::error("ERR Unknown Redis command called from script");
    if (!arity_fits(found->arity, args.size()))
        return answer::error("ERR Wrong number of args calling Redis command from script");
    if (c.read_only && (found->flags & command::write) != 0)
        return answer::error("MISCONF the journal cannot be written, so nothing may change");
    if (c.out_of_memory && !c.wrote && (found->flags & command::needs_memory) != 0)
        return answer::error("OOM command not allowed when used memory > 'maxmemory'.");
    c.wrote = c.wrote || (found->flags & command::write) != 0;
    auto result = found->run(c, args);
    c.keys.finish_command(args);
    return result;
}

}  // namespace holdfast::embedded
