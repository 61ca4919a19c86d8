// `holdfast lock`: who holds what, who waits and why, and taking a lock away.
#include "base/duration.hpp"
#include "base/write_json.hpp"
#include "cli/lock_top.hpp"
#include "cli/lock_why.hpp"
#include "cli/name_print.hpp"
#include "cli/store_session.hpp"
#include "holdfast/locker.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace holdfast::cli {
namespace {

struct lock_flags {
    std::string store;
    std::string name;
    std::optional<std::string> owner;  // of `break`: the holder; of `why`: the waiter
    bool shared = false;
    std::uint32_t permits = 1;
    bool json = false;
    bool once = false;
    std::string interval = "2s";
    std::size_t lines = 20;
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

// One of a variable that is not set must not mean everybody.
void refuse_empty(const char* option, const std::string& text) {
    if (text.empty())
        throw command_failure(exit_code::usage,
                              option + std::string(" names nobody; write an owner "
                                                   "id, see holdfast lock show"));
}

std::optional<owner_id> read_holder(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    refuse_empty("--holder", *text);
    const auto owner = owner_id::parse(*text);
    if (owner) return *owner;
    throw command_failure(
        exit_code::usage,
        "--holder " + *text + " is not an owner id of 32 digits; see holdfast lock show");
}

/// A connected session with a locker, for commands that ask once.
struct lock_view {
    explicit lock_view(store_session& session) : locks(session.runtime, *session.state) {}

    task<name_info> look(lock_name name) {
        const auto seen = co_await locks.inspect_any(name);
        if (!seen) fail(seen.error(), "cannot show " + name.str(), "see holdfast lock ls");
        co_return *seen;
    }
    task<std::vector<past_owner>> before(lock_name name) {
        const auto owners = co_await locks.history(name);
        if (!owners) fail(owners.error(), "cannot read who had " + name.str(), "try again");
        co_return *owners;
    }
    task<std::vector<name_info>> all() {
        const auto shown = co_await locks.list_all();
        if (!shown) fail(shown.error(), "cannot list the locks", "see holdfast doctor");
        co_return *shown;
    }
    locker locks;
};

task<int> list_all(store_session& session, const lock_flags& flags) {
    co_await session.connect();
    lock_view view(session);
    const auto shown = co_await view.all();
    const char* comma = "";
    if (flags.json) std::cout << '[';
    for (const auto& lock : shown) {
        if (flags.json)
            std::cout << std::exchange(comma, ",") << to_json(lock);
        else
            std::cout << line_of(lock) << '\n';
    }
    if (flags.json) std::cout << "]\n";
    co_return exit_code::done;
}

using name_action = task<int> (*)(lock_view&, name_info, const lock_flags&);

// What the three that speak of one name begin with: the name is right, the store is there.
task<int> with_name(store_session& session, const lock_flags& flags, name_action act) {
    const auto name = read_name(flags.name);
    co_await session.connect();
    lock_view view(session);
    auto seen = co_await view.look(name);
    co_return co_await act(view, std::move(seen), flags);
}

task<int> print_one(lock_view&, name_info seen, const lock_flags& flags) {
    std::cout << (flags.json ? to_json(seen) + "\n" : text_of(seen));
    co_return exit_code::done;
}

task<int> print_who(lock_view& view, name_info seen, const lock_flags& flags) {
    const auto before = co_await view.before(lock_name(seen.name));
    std::cout << (flags.json ? who_json(seen, before) + "\n" : who_text(seen, before));
    co_return seen.held() ? exit_code::done : exit_code::no;
}

task<int> print_why(lock_view& view, name_info seen, const lock_flags& flags) {
    if (flags.owner) refuse_empty("--owner", *flags.owner);
    const auto before = co_await view.before(lock_name(seen.name));
    const auto all = co_await view.all();
    const auto chain = follow(all, seen);
    const asker who{flags.shared, flags.permits, flags.owner.value_or("")};
    const auto said =
        flags.json ? why_json(chain, who, before) + "\n" : why_text(chain, who, before);
    std::cout << said;
    co_return exit_code::done;
}

task<int> show_one(store_session& session, const lock_flags& flags) {
    return with_name(session, flags, print_one);
}

task<int> tell_who(store_session& session, const lock_flags& flags) {
    return with_name(session, flags, print_who);
}

task<int> tell_why(store_session& session, const lock_flags& flags) {
    return with_name(session, flags, print_why);
}

task<int> show_top_of(store_session& session, const lock_flags& flags) {
    const auto every = parse_duration(flags.interval);
    if (!every || *every < milliseconds{100})
        throw command_failure(
            exit_code::usage,
            "--interval " + flags.interval + " is not a span of 100ms or more; write 2s or 500ms");
    const top_options options{*every, flags.lines, flags.once, flags.json};
    co_return co_await show_top(session, options);
}

// "nobody holds n" or "0123… does not hold n".
std::string nobody_text(const lock_name& name, const std::string& holder) {
    return (holder.empty() ? "nobody holds " : holder + " does not hold ") + name.str() +
           "; nothing was done";
}

task<int> break_one(store_session& session, const lock_flags& flags) {
    const auto name = read_name(flags.name);
    const auto holder = read_holder(flags.owner);
    co_await session.connect();
    lock_view view(session);
    auto call = holder ? view.locks.force_break(name, *holder) : view.locks.force_break(name);
    const auto bar = co_await std::move(call);
    if (!bar && bar.error() == errc::not_found)
        throw command_failure(exit_code::no, nobody_text(name, flags.owner.value_or("")));
    if (!bar) fail(bar.error(), "cannot break " + name.str(), "see holdfast lock show");
    if (flags.json)
        std::cout << "{\"name\":" << json_quote(name.str())
                  << ",\"broken\":true,\"refused_up_to\":" << bar->value() << "}\n";
    else
        std::cout << name.str() << " broken; fences up to " << bar->value() << " are refused\n";
    co_return exit_code::done;
}

using action = task<int> (*)(store_session&, const lock_flags&);

// An access list that does not allow the lock's own key is found out when connecting.
store_settings place_of(const lock_flags& flags) {
    store_settings place{.url = flags.store};
    if (!flags.name.empty()) place.other_keys = {flags.name};
    return place;
}

/// One subcommand of `lock` with the options that all have.
CLI::App* add(CLI::App& lock, const std::pair<const char*, const char*>& named, action act,
              const std::shared_ptr<lock_flags>& flags, int& exit_code) {
    auto* command = lock.add_subcommand(named.first, named.second);
    add_store_option(*command, flags->store);
    command->callback([act, flags, &exit_code] {
        store_session session(place_of(*flags));
        exit_code = session.run(act(session, *flags));
    });
    return command;
}

}  // namespace

void add_lock_command(CLI::App& app, int& exit_code) {
    auto* lock = app.add_subcommand("lock", "Show, explain and break the locks of the fleet");
    lock->require_subcommand(1);
    auto flags = std::make_shared<lock_flags>();
    const auto with = [&](const char* name, const char* what, action act) {
        return add(*lock, {name, what}, act, flags, exit_code);
    };
    auto* ls = with("ls", "List the names that are held or waited for, of every kind", list_all);
    auto* show = with("show", "Show one lock: kind, holders, fences, queue", show_one);
    auto* who = with("who", "Say who has a lock and who had it before; exit code 1: nobody has it",
                     tell_who);
    auto* why =
        with("why", "Say why one waits: the holder, what it waits for, the queue", tell_why);
    auto* top =
        with("top", "Watch the locks that are waited for most and held longest", show_top_of);
    auto* broken = with("break", "Take a lock away from its holders, or from one", break_one);
    for (auto* command : {show, who, why, broken})
        command->add_option("NAME", flags->name, "The lock")->required();
    for (auto* command : {ls, show, who, why, top, broken})
        command->add_flag("--json", flags->json, "Print JSON");
    lock->footer(
        footer_with("holdfast lock ls --store redis://127.0.0.1:6379/0\n"
                    "holdfast lock why nightly"));
    ls->footer(footer_with("holdfast lock ls\nholdfast lock ls --json"));
    show->footer(footer_with("holdfast lock show nightly"));
    who->footer(footer_with("holdfast lock who nightly --json"));
    why->footer(footer_with("holdfast lock why nightly\nholdfast lock why -s data"));
    top->footer(footer_with("holdfast lock top\nholdfast lock top --once --json"));
    broken->footer(
        footer_with("holdfast lock break nightly\n"
                    "holdfast lock break data --holder "
                    "2ca600c6782dfb0bf842f4e6fd7bbd72"));
    why->add_flag("-s,--shared", flags->shared, "Why a reader would wait, not a writer");
    why->add_option("--permits", flags->permits, "So many are wanted of a semaphore (default 1)")
        ->check(CLI::Range(1, 1'000'000'000));
    why->add_option("--owner", flags->owner, "Why the waiter with this owner id waits");
    broken->add_option("--holder", flags->owner, "Only the holder with this owner id");
    top->add_flag("--once", flags->once, "One picture, then end");
    top->add_option("--interval", flags->interval, "Between two pictures (default 2s)");
    top->add_option("-n,--lines", flags->lines, "At most so many locks (default 20)")
        ->check(CLI::Range(1, 10000));
}

}  // namespace holdfast::cli
