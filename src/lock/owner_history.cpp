// note_owner.lua and history.lua as functions.
#include "lock/owner_history.hpp"

#include "lock/lock_keys.hpp"
#include "lock/stored_text.hpp"
#include "lock_scripts.hpp"

#include <algorithm>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

past_owner read_entry(std::string_view entry, std::string_view fence, std::int64_t now) {
    past_owner read;
    read.owner = take_part(entry);
    const auto since = whole_number(take_part(entry));
    const auto until = take_part(entry);
    read.how = take_part(entry);
    read.who = entry;
    read.fence = fencing_token(static_cast<std::uint64_t>(whole_number(fence)));
    const auto span = [](std::int64_t us) {
        return std::chrono::floor<milliseconds>(microseconds{std::max<std::int64_t>(us, 0)});
    };
    read.began = span(now - since);
    if (!until.empty()) read.held_for = span(whole_number(until) - since);
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
    const auto now = whole_number((*answer)[0].as_text());
    const auto& entries = (*answer)[1].items();
    std::vector<past_owner> owners;
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2)
        owners.push_back(read_entry(entries[i].as_text(), entries[i + 1].as_text(), now));
    std::ranges::reverse(owners);
    co_return owners;
}

}  // namespace holdfast
