// Asks list.lua which names there are, and inspect.lua about each, of many at a time.
#include "lock/survey.hpp"

#include "lock/lock_keys.hpp"
#include "lock/read_name.hpp"
#include "lock_scripts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <span>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr int parties_shown = 100;
constexpr int keys_a_page = 256;
constexpr std::size_t asked_at_once = 64;

bool is_mutex(lock_family kind) {
    return kind == lock_family::none || kind == lock_family::mutex || kind == lock_family::election;
}

task<result<std::vector<lock_name>>> find_names(lock_core& core) {
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
    co_return std::vector<lock_name>(names.begin(), names.end());
}

using inspection = std::optional<result<name_info>>;

task<void> inspect_into(lock_core& core, lock_name name, inspection& seen) {
    auto one = inspect_name(core, std::move(name));
    seen.emplace(co_await std::move(one));
}

task<std::vector<inspection>> inspect_all(lock_core& core, std::span<const lock_name> names) {
    namespace asio = boost::asio;
    std::vector<inspection> seen(names.size());
    const auto ask = [&](std::size_t i) {
        return asio::co_spawn(core.rt.executor(), inspect_into(core, names[i], seen[i]),
                              asio::deferred);
    };
    std::vector<decltype(ask(0))> questions;
    for (std::size_t i = 0; i < names.size(); ++i) questions.push_back(ask(i));
    auto all = asio::experimental::make_parallel_group(std::move(questions));
    auto ended = all.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    const auto [order, failures] = co_await std::move(ended);
    for (const auto& failed : failures)
        if (failed) std::rethrow_exception(failed);
    co_return seen;
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
    for (std::span<const lock_name> rest = *names; !rest.empty();) {
        const auto some = rest.first(std::min(rest.size(), asked_at_once));
        rest = rest.subspan(some.size());
        auto inspections = co_await inspect_all(core, some);
        for (auto& each : inspections) {
            auto& seen = *each;
            // A side key may outlast its lock while the key is used for something else.
            if (!seen && (seen.error() == condition::denied || seen.error() == errc::wrong_type))
                continue;
            if (!seen) co_return seen.error();
            if (seen->held() || seen->waiting() > 0) shown.push_back(std::move(*seen));
        }
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
