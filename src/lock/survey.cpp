// Asks inspect.lua about one name, and list.lua which names there are.
#include "lock/survey.hpp"

#include "lock/lock_keys.hpp"
#include "lock/read_name.hpp"
#include "lock_scripts.hpp"

#include <set>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr int parties_shown = 100;
constexpr int keys_a_page = 256;

bool is_mutex(lock_family kind) {
    return kind == lock_family::none || kind == lock_family::mutex || kind == lock_family::election;
}

task<result<std::set<lock_name>>> find_names(lock_core& core) {
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
    co_return names;
}

}  // namespace

task<result<name_info>> inspect_name(lock_core& core, lock_name name) {
    if (is_side_key(name, core.st.prefix())) co_return errc::invalid_argument;
    script_args args(parties_shown);
    auto keys = every_key_of(name, core.st.prefix());
    const auto answer = co_await core.st.run(lua::inspect, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return read_name(name, *answer);
}

task<result<lock_info>> inspect_lock(lock_core& core, lock_name name) {
    auto seen = co_await inspect_name(core, std::move(name));
    if (!seen) co_return seen.error();
    if (!is_mutex(seen->kind)) co_return errc::wrong_type;
    co_return std::move(seen->mutex);
}

task<result<std::vector<name_info>>> list_names(lock_core& core) {
    const auto names = co_await find_names(core);
    if (!names) co_return names.error();
    std::vector<name_info> shown;
    for (const auto& name : *names) {
        auto seen = co_await inspect_name(core, name);
        // A side key may outlast its lock while the key is used for something else.
        if (!seen && (seen.error() == condition::denied || seen.error() == errc::wrong_type))
            continue;
        if (!seen) co_return seen.error();
        if (seen->held() || seen->waiting() > 0) shown.push_back(std::move(*seen));
    }
    co_return shown;
}

task<result<std::vector<lock_info>>> list_locks(lock_core& core) {
    auto all = co_await list_names(core);
    if (!all) co_return all.error();
    std::vector<lock_info> shown;
    for (auto& each : *all)
        if (is_mutex(each.kind) && (each.mutex.held || each.mutex.queue_length > 0))
            shown.push_back(std::move(each.mutex));
    co_return shown;
}

}  // namespace holdfast
