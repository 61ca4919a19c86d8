// Commands on hashes.
#include "store/embedded/commands.hpp"
#include "store/embedded/number.hpp"

#include <string>

namespace holdfast::embedded {
namespace {

// Sets one field; whether it is new.
bool put_field(hash_value& hash, std::string_view field, std::string_view value) {
    auto [entry, made] = hash.put(field, {});
    entry->value = value;
    return made;
}

answer put_fields(context& c, arguments args, std::string_view command) {
    if (args.size() % 2 != 0) return errors::arity(command);
    if (c.keys.find<hash_value>(args[1]).wrong_type) return errors::wrong_type();
    auto& hash = c.keys.make<hash_value>(args[1]);
    std::size_t made = 0;
    for (std::size_t i = 2; i < args.size(); i += 2)
        made += put_field(hash, args[i], args[i + 1]) ? 1 : 0;
    c.keys.changed();
    return answer::size(made);
}

answer hset(context& c, arguments args) { return put_fields(c, args, "hset"); }

answer hmset(context& c, arguments args) {
    auto made = put_fields(c, args, "hmset");
    return made.is_error() ? made : answer::ok();
}

answer hsetnx(context& c, arguments args) {
    const auto found = c.keys.find<hash_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (found && found->find(args[2]) != nullptr) return answer::integer(0);
    put_field(c.keys.make<hash_value>(args[1]), args[2], args[3]);
    c.keys.changed();
    return answer::integer(1);
}

answer field_or_nil(const keyspace::typed<hash_value>& found, std::string_view field) {
    const auto* entry = found ? found->find(field) : nullptr;
    return entry != nullptr ? answer::bulk(entry->value) : answer::nil();
}

answer hget(context& c, arguments args) {
    const auto found = c.keys.find<hash_value>(args[1]);
    return found.wrong_type ? errors::wrong_type() : field_or_nil(found, args[2]);
}

answer hmget(context& c, arguments args) {
    const auto found = c.keys.find<hash_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    auto all = answer::array();
    all.items.reserve(args.size() - 2);
    for (const auto field : args.subspan(2)) all.items.push_back(field_or_nil(found, field));
    return all;
}

answer list_hash(context& c, std::string_view key, bool names, bool values) {
    const auto found = c.keys.find<hash_value>(key);
    if (found.wrong_type) return errors::wrong_type();
    auto all = answer::array();
    if (!found) return all;
    for (const auto& [id, e] : *found) {
        if (names) all.items.push_back(answer::bulk(e.key));
        if (values) all.items.push_back(answer::bulk(e.value));
    }
    return all;
}

answer hgetall(context& c, arguments args) { return list_hash(c, args[1], true, true); }
answer hkeys(context& c, arguments args) { return list_hash(c, args[1], true, false); }
answer hvals(context& c, arguments args) { return list_hash(c, args[1], false, true); }

answer hdel(context& c, arguments args) {
    const auto found = c.keys.find<hash_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    std::size_t removed = 0;
    for (const auto field : args.subspan(2)) removed += found->erase(field) ? 1 : 0;
    if (found->empty()) c.keys.erase(args[1]);
    if (removed > 0) c.keys.changed();
    return answer::size(removed);
}

answer hexists(context& c, arguments args) {
    const auto found = c.keys.find<hash_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::integer(found && found->find(args[2]) != nullptr ? 1 : 0);
}

answer hlen(context& c, arguments args) {
    const auto found = c.keys.find<hash_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::size(found ? found->size() : 0);
}

answer hstrlen(context& c, arguments args) {
    const auto found = c.keys.find<hash_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::size(field_or_nil(found, args[2]).text.size());
}

answer hincrby(context& c, arguments args) {
    const auto by = parse_integer(args[3]);
    if (!by) return errors::not_integer();
    const auto found = c.keys.find<hash_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    const auto* entry = found ? found->find(args[2]) : nullptr;
    const auto before = entry != nullptr ? parse_integer(entry->value) : 0;
    if (!before) return answer::error("ERR hash value is not an integer");
    std::int64_t after = 0;
    if (__builtin_add_overflow(*before, *by, &after)) return errors::overflow();
    put_field(c.keys.make<hash_value>(args[1]), args[2], std::to_string(after));
    c.keys.changed();
    return answer::integer(after);
}

constexpr unsigned growing = command::write | command::needs_memory;
constexpr command all[] = {
    {"hset", -4, growing, hset},         {"hmset", -4, growing, hmset},
    {"hsetnx", 4, growing, hsetnx},      {"hget", 3, command::read, hget},
    {"hmget", -3, command::read, hmget}, {"hgetall", 2, command::read, hgetall},
    {"hkeys", 2, command::read, hkeys},  {"hvals", 2, command::read, hvals},
    {"hdel", -3, command::write, hdel},  {"hexists", 3, command::read, hexists},
    {"hlen", 2, command::read, hlen},    {"hstrlen", 3, command::read, hstrlen},
    {"hincrby", 4, growing, hincrby},
};

}  // namespace

std::span<const command> hash_commands() { return all; }

}  // namespace holdfast::embedded
