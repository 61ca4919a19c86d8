// note_owner.lua and history.lua as functions.
#include "lock/owner_history.hpp"

#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

std::string_view take_field(std::string_view& text) {
    const auto field = text.substr(0, text.find('|'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    return field;
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

past_owner read_entry(std::string_view entry, std::string_view fence, std::int64_t now) {
    past_owner read;
    read.owner = take_field(entry);
    const auto since = number(take_field(entry));
    const auto until = take_field(entry);
    read.how = take_field(entry);
    read.who = entry;
    read.fence =
        fencing_token(static_cast<std::uint64_t>(std::strtod(std::string(fence).c_str(), nullptr)));
    const auto span = [](std::int64_t us) {
        return std::chrono::floor<milliseconds>(microseconds{std::max<std::int64_t>(us, 0)});
    };
    read.began = span(now - since);
    if (!until.empty()) read.held_for = span(number(until) - since);
    return read;
}

}  // namespace

task<void> note_owner(std::shared_ptr<lock_core> core, lease held, std::string how) {
    script_keys keys(history_key_of(held.name(), core->st.prefix()));
    script_args args(held.fence().value(), held.owner().str(), core->who, how);
    (void)co_await core->st.run(lua::note_owner, std::move(keys), std::move(args));
}

task<result<std::vector<past_owner>>> read_history(lock_core& core, lock_name name) {
    script_keys keys(history_key_of(name, core.st.prefix()));
    script_args args;
    const auto answer = co_await core.st.run(lua::history, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    const auto now = number((*answer)[0].as_text());
    const auto& entries = (*answer)[1].items();
    std::vector<past_owner> owners;
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2)
        owners.push_back(read_entry(entries[i].as_text(), entries[i + 1].as_text(), now));
    std::ranges::reverse(owners);
    co_return owners;
}

}  // namespace holdfast
