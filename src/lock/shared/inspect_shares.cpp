// Reads what shared_inspect.lua answers.
#include "lock/lock_keys.hpp"
#include "lock/shared/shared_kind.hpp"
#include "lock_scripts.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr int parties_shown = 100;

std::string_view take_field(std::string_view& text) {
    const auto field = text.substr(0, text.find('|'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    return field;
}

std::int64_t number(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return static_cast<std::int64_t>(value);
}

sharing_party read_member(std::string_view member) {
    sharing_party party;
    party.owner = take_field(member);
    party.ttl = milliseconds{number(take_field(member))};
    const auto mode = take_field(member);
    if (!mode.empty()) party.mode = mode[0];
    party.weight = static_cast<std::uint32_t>(number(take_field(member)));
    party.who = take_field(member);
    return party;
}

sharing_party read_holder(std::string_view entry, std::int64_t ends, std::int64_t now_us) {
    const auto fence = take_field(entry);
    take_field(entry);  // the attempt that upgraded it
    auto party = read_member(entry);
    party.fence = fencing_token(static_cast<std::uint64_t>(number(fence)));
    party.ends_in = milliseconds{ends - now_us / 1000};
    return party;
}

sharing_info read_info(const reply& answer) {
    sharing_info info;
    if (answer[2].as_integer() >= 0)
        info.capacity = static_cast<std::uint32_t>(answer[2].as_integer());
    info.queue_length = static_cast<std::uint64_t>(answer[3].as_integer());
    const auto now = number(answer[4].as_text());
    const auto& holders = answer[5].items();
    for (std::size_t i = 0; i + 2 < holders.size(); i += 3) {
        auto party = read_holder(holders[i + 2].as_text(), number(holders[i + 1].as_text()), now);
        if (party.ends_in > milliseconds{0}) info.in_use += party.weight;
        info.holders.push_back(std::move(party));
    }
    const auto& queue = answer[6].items();
    for (std::size_t i = 0; i + 1 < queue.size(); i += 2) {
        auto party = read_member(queue[i].as_text());
        const auto ticket = number(queue[i + 1].as_text());
        party.waited = microseconds{std::max<std::int64_t>(now - ticket, 0)};
        info.queue.push_back(std::move(party));
    }
    return info;
}

}  // namespace

task<result<sharing_info>> inspect_shares(std::shared_ptr<lock_core> core, share::family family,
                                          lock_name name) {
    if (is_side_key(name, core->st.prefix())) co_return errc::invalid_argument;
    script_args args(parties_shown);
    auto keys = keys_of_share(family, *core, name);
    auto answer = co_await core->st.run(lua::shared_inspect, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if ((*answer)[0].as_integer() == -1) co_return errc::wrong_type;
    if ((*answer)[0].as_integer() == -2) co_return errc::busy;
    const auto kind = (*answer)[1].as_text();
    const std::string_view wanted = family == share::family::rw ? "rw" : "semaphore";
    if (!kind.empty() && kind != wanted) co_return errc::wrong_type;
    co_return read_info(*answer);
}

}  // namespace holdfast
