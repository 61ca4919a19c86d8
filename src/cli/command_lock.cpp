// `holdfast lock`: who holds what, who waits, and taking a lock away.
#include "base/duration.hpp"
#include "cli/store_session.hpp"
#include "holdfast/locker.hpp"
#include "token/jws/json.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <sstream>

namespace holdfast::cli {
namespace {

struct lock_flags {
    std::string store;
    std::string name;
    bool json = false;
};

lock_name read_name(const std::string& text) {
    auto name = lock_name::parse(text);
    if (!name)
        throw command_failure(
            exit_code::usage,
            "the lock name is not allowed; it is empty, longer than 512 bytes, or "
            "has control characters or odd braces; see holdfast lock ls");
    return *name;
}

std::string span_json(const std::optional<milliseconds>& span) {
    return span ? std::to_string(span->count()) : "null";
}

std::string to_json(const lock_info& lock) {
    std::ostringstream out;
    out << "{\"name\":" << json_quote(lock.name) << ",\"held\":" << (lock.held ? "true" : "false")
        << ",\"foreign\":" << (lock.foreign ? "true" : "false")
        << ",\"owner\":" << json_quote(lock.owner) << ",\"who\":" << json_quote(lock.who)
        << ",\"fence\":" << lock.fence.value() << ",\"ends_in_ms\":" << span_json(lock.ends_in)
        << ",\"held_for_ms\":" << span_json(lock.held_for)
        << ",\"queue_length\":" << lock.queue_length << ",\"queue\":[";
    const char* comma = "";
    for (const auto& waiter : lock.queue) {
        out << comma << "{\"owner\":" << json_quote(waiter.owner)
            << ",\"who\":" << json_quote(waiter.who) << ",\"ttl_ms\":" << waiter.ttl.count()
            << ",\"waited_ms\":" << waiter.waited.count() / 1000 << "}";
        comma = ",";
    }
    out << "]}";
    return out.str();
}

std::string span_text(const std::optional<milliseconds>& span) {
    return span ? format_duration(*span) : "-";
}

std::string holder_text(const lock_info& lock) {
    if (!lock.held) return "nobody";
    return lock.foreign ? "another client" : lock.who;
}

// Tabs between the fields: easy to cut, and aligned by `column -t`.
void print_line(const lock_info& lock) {
    std::cout << lock.name << '\t' << holder_text(lock) << '\t' << "fence=" << lock.fence.value()
              << '\t' << "held=" << span_text(lock.held_for) << '\t'
              << "ends_in=" << span_text(lock.ends_in) << '\t' << "waiting=" << lock.queue_length
              << '\n';
}

void print_all(const lock_info& lock) {
    std::cout << "lock      " << lock.name << "\nholder    " << holder_text(lock) << '\n';
    if (lock.held)
        std::cout << "owner     " << lock.owner << "\nfence     " << lock.fence.value()
                  << "\nheld for  " << span_text(lock.held_for) << "\nends in   "
                  << span_text(lock.ends_in) << '\n';
    std::cout << "waiting   " << lock.queue_length << '\n';
    for (const auto& waiter : lock.queue)
        std::cout << "          " << waiter.who << " for "
                  << format_duration(std::chrono::floor<milliseconds>(waiter.waited)) << ", ttl "
                  << format_duration(waiter.ttl) << '\n';
}

task<int> list_all(store_session& session, const lock_flags& flags) {
    co_await session.connect();
    locker locks(session.runtime, *session.state);
    const auto shown = co_await locks.list();
    if (!shown) fail(shown.error(), "cannot list the locks", "see holdfast doctor");
    const char* comma = "";
    if (flags.json) std::cout << '[';
    for (const auto& lock : *shown) {
        if (!flags.json) {
            print_line(lock);
            continue;
        }
        std::cout << comma << to_json(lock);
        comma = ",";
    }
    if (flags.json) std::cout << "]\n";
    co_return exit_code::done;
}

task<int> show_one(store_session& session, const lock_flags& flags, lock_name name) {
    co_await session.connect();
    locker locks(session.runtime, *session.state);
    const auto seen = co_await locks.inspect(name);
    if (!seen) fail(seen.error(), "cannot show " + name.str(), "see holdfast lock ls");
    if (flags.json)
        std::cout << to_json(*seen) << '\n';
    else
        print_all(*seen);
    co_return exit_code::done;
}

task<int> break_one(store_session& session, lock_name name) {
    co_await session.connect();
    locker locks(session.runtime, *session.state);
    const auto bar = co_await locks.force_break(name);
    if (!bar && bar.error() == errc::not_found)
        throw command_failure(exit_code::no, "nobody holds " + name.str() + "; nothing was done");
    if (!bar) fail(bar.error(), "cannot break " + name.str(), "see holdfast lock show");
    std::cout << name.str() << " broken; fences up to " << bar->value() << " are refused\n";
    co_return exit_code::done;
}

}  // namespace

void add_lock_command(CLI::App& app, int& exit_code) {
    auto* lock = app.add_subcommand("lock", "Show and break the locks of the fleet");
    lock->require_subcommand(1);
    auto flags = std::make_shared<lock_flags>();
    auto* ls = lock->add_subcommand("ls", "List the locks that are held or waited for");
    auto* show = lock->add_subcommand("show", "Show one lock: holder, fence, queue");
    auto* broken = lock->add_subcommand("break", "Take a lock away from its holder");
    for (auto* command : {ls, show, broken}) add_store_option(*command, flags->store);
    for (auto* command : {show, broken})
        command->add_option("NAME", flags->name, "The lock")->required();
    for (auto* command : {ls, show}) command->add_flag("--json", flags->json, "Print JSON");
    ls->callback([flags, &exit_code] {
        store_session session(flags->store);
        exit_code = session.run(list_all(session, *flags));
    });
    show->callback([flags, &exit_code] {
        const auto name = read_name(flags->name);
        store_session session(flags->store);
        exit_code = session.run(show_one(session, *flags, name));
    });
    broken->callback([flags, &exit_code] {
        const auto name = read_name(flags->name);
        store_session session(flags->store);
        exit_code = session.run(break_one(session, name));
    });
}

}  // namespace holdfast::cli
