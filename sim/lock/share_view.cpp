// Reads the keys as src/lock/shared/holders.lua describes them.
#include "sim/lock/share_view.hpp"

#include "holdfast/ids.hpp"
#include "lock/lock_keys.hpp"
#include "sim/world/store_view.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

std::string_view take_field(std::string_view& text) {
    const auto field = text.substr(0, text.find('|'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    return field;
}

// "<owner id>|<lease ms>|<mode>|<weight>|<who>|<process channel>"
template <class Party>
void read_member(std::string_view member, Party& into) {
    take_field(member);
    take_field(member);
    const auto mode = take_field(member);
    if (!mode.empty()) into.mode = mode[0];
    into.weight = number<std::uint32_t>(take_field(member));
}

}  // namespace

const share_holder* share_view::holder(std::string_view id) const {
    const auto found = std::ranges::find(holders, id, &share_holder::id);
    return found == holders.end() ? nullptr : &*found;
}

const share_waiter* share_view::waiter(std::string_view id) const {
    const auto found = std::ranges::find(queue, id, &share_waiter::id);
    return found == queue.end() ? nullptr : &*found;
}

std::uint64_t share_view::in_use() const {
    std::uint64_t sum = 0;
    for (const auto& one : holders) sum += one.weight;
    return sum;
}

bool share_view::fits(const share_waiter& who) const {
    if (mutex_held) return false;
    const auto held_as = [&](char mode) {
        return std::ranges::any_of(holders, [&](const auto& one) { return one.mode == mode; });
    };
    if (who.mode == 's') return in_use() + who.weight <= capacity;
    if (who.mode == 'w') return holders.empty();
    if (held_as('w') || upgrading) return false;
    return who.mode == 'r' || !held_as('u');
}

share_view shares_at(store_process& in, const std::string& name, std::string_view prefix) {
    const lock_name lock(name);
    const auto entries = fields_at(in, side_key_of(lock, prefix, 'g'));
    const auto now_ms = static_cast<double>(to_unix_ms(in.clock()));
    share_view seen;
    for (const auto& [id, ends] : scores_at(in, name)) {
        const auto entry = entries.find(id);
        if (ends <= now_ms || entry == entries.end()) continue;
        share_holder one{id, ends};
        std::string_view text = entry->second;
        one.fence = number<std::uint64_t>(take_field(text));
        take_field(text);  // the attempt that upgraded it
        read_member(text, one);
        seen.holders.push_back(std::move(one));
    }
    for (const auto& [member, ticket] : scores_at(in, side_key_of(lock, prefix, 's'))) {
        share_waiter one{member.substr(0, member.find('|')), ticket};
        read_member(member, one);
        seen.queue.push_back(std::move(one));
    }
    const auto capacity = text_at(in, side_key_of(lock, prefix, 'c'));
    if (capacity) seen.capacity = number<std::uint32_t>(capacity->value);
    seen.upgrading = entries.contains("upgrade");
    seen.mutex_held = text_at(in, name).has_value();
    return seen;
}

}  // namespace holdfast::sim
