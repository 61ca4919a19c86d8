// Reads what inspect.lua and list.lua answer.
#include "lock/survey.hpp"

#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr int waiters_shown = 100;
constexpr int keys_a_page = 256;
constexpr milliseconds side_key_kept = hours{24};  // side_kept_ms of grant.lua

std::string_view take_field(std::string_view& text) {
    const auto field = text.substr(0, text.find('|'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    return field;
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string_view take_term(std::string_view& terms) {
    const auto term = terms.substr(0, terms.find(','));
    terms.remove_prefix(std::min(term.size() + 1, terms.size()));
    return term;
}

lock_waiter read_waiter(std::string_view member, std::int64_t ticket, std::int64_t now) {
    lock_waiter waiter;
    waiter.owner = take_field(member);
    auto terms = take_field(member);
    waiter.ttl = milliseconds{number(take_term(terms))};
    const auto patience = milliseconds{number(take_term(terms))};
    waiter.head_start = milliseconds{number(take_term(terms))};
    waiter.who = take_field(member);
    const auto came = microseconds{ticket} + waiter.head_start;
    waiter.waited = std::max(microseconds{now} - came, microseconds{0});
    if (patience.count() > 0)
        waiter.gives_up_in =
            std::max(std::chrono::floor<milliseconds>(patience - waiter.waited), milliseconds{0});
    return waiter;
}

// The side key describes the holder only if it names it: a plain client leaves it as it was.
void read_holder(lock_info& info, std::string_view side, std::int64_t side_ttl) {
    auto grant = take_field(side);
    const auto fence = take_term(grant);
    info.foreign = take_field(side) != info.owner;
    if (info.foreign) return;
    info.fence = fencing_token(number(fence));
    const auto mean = take_term(grant);
    if (!mean.empty()) info.mean_hold = microseconds{number(mean)};
    info.revoke_requested = grant == "r";
    take_field(side);
    info.who = take_field(side);
    if (side_ttl > 0) info.held_for = side_key_kept - milliseconds{side_ttl};
}

lock_info read_info(const lock_name& name, const reply& answer) {
    lock_info info{name.str()};
    info.owner = std::string(answer[1].as_text());
    info.held = answer[2].as_integer() != -2;
    if (answer[2].as_integer() >= 0) info.ends_in = milliseconds{answer[2].as_integer()};
    if (info.held) read_holder(info, answer[3].as_text(), answer[4].as_integer());
    info.queue_length = static_cast<std::uint64_t>(answer[6].as_integer());
    const auto now = static_cast<std::int64_t>(number(answer[7].as_text()));
    const auto& queue = answer[8].items();
    for (std::size_t i = 0; i + 1 < queue.size(); i += 2) {
        const auto ticket = std::strtod(std::string(queue[i + 1].as_text()).c_str(), nullptr);
        info.queue.push_back(
            read_waiter(queue[i].as_text(), static_cast<std::int64_t>(ticket), now));
    }
    return info;
}

}  // namespace

task<result<lock_info>> inspect_lock(lock_core& core, lock_name name) {
    if (is_side_key(name, core.st.prefix())) co_return errc::invalid_argument;
    script_args args(waiters_shown);
    auto keys = all_keys_of(name, core.st.prefix());
    auto answer = co_await core.st.run(lua::inspect, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    if ((*answer)[0].as_integer() == -1) co_return errc::wrong_type;
    co_return read_info(name, *answer);
}

task<result<std::vector<lock_info>>> list_locks(lock_core& core) {
    std::set<lock_name> names;
    std::string cursor = "0";
    do {
        script_args args(cursor, side_key_pattern(core.st.prefix()), keys_a_page);
        script_keys keys;
        auto page = co_await core.st.run(lua::list, std::move(keys), std::move(args));
        if (!page) co_return page.error();
        cursor = std::string((*page)[0].as_text());
        for (const auto& key : (*page)[1].items())
            if (auto name = lock_of_side_key(key.as_text(), core.st.prefix())) names.insert(*name);
    } while (cursor != "0" && !cursor.empty());

    std::vector<lock_info> shown;
    for (const auto& name : names) {
        auto info = co_await inspect_lock(core, name);
        // A queue or a side key may outlast the mutex while the key is a lock with several holders.
        if (!info && (info.error() == condition::denied || info.error() == errc::wrong_type))
            continue;
        if (!info) co_return info.error();
        if (info->held || info->queue_length > 0) shown.push_back(std::move(*info));
    }
    co_return shown;
}

}  // namespace holdfast
