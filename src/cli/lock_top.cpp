// Lists, sorts, draws.
#include "cli/lock_top.hpp"

#include "cli/lock_print.hpp"
#include "cli/name_print.hpp"
#include "holdfast/locker.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace holdfast::cli {
namespace {

// The most waited for, then the longest held.
bool matters_more(const name_info& a, const name_info& b) {
    if (a.waiting() != b.waiting()) return a.waiting() > b.waiting();
    return a.mutex.held_for.value_or(milliseconds{0}) > b.mutex.held_for.value_or(milliseconds{0});
}

std::string table_of(const std::vector<name_info>& locks, std::size_t lines) {
    std::uint64_t waiting = 0;
    for (const auto& lock : locks) waiting += lock.waiting();
    std::string out = std::to_string(locks.size()) + (locks.size() == 1 ? " lock, " : " locks, ") +
                      std::to_string(waiting) + " waiting\n";
    char line[256];
    std::snprintf(line, sizeof line, "%7s %12s %12s  %-9s %-32s %s\n", "WAITING", "HELD", "ENDS IN",
                  "KIND", "LOCK", "HOLDER");
    out += line;
    for (std::size_t i = 0; i < std::min(lines, locks.size()); ++i) {
        const auto& lock = locks[i];
        std::snprintf(line, sizeof line, "%7llu %12s %12s  %-9s %-32.128s ",
                      static_cast<unsigned long long>(lock.waiting()),
                      span_text(lock.mutex.held_for).c_str(), span_text(last_end(lock)).c_str(),
                      std::string(name_of(lock.kind)).c_str(), lock.name.c_str());
        out += line + holder_text(lock) + "\n";
    }
    return out;
}

std::string json_of(const std::vector<name_info>& locks, std::size_t lines) {
    std::string out = "[";
    for (std::size_t i = 0; i < std::min(lines, locks.size()); ++i)
        out += (i > 0 ? "," : "") + to_json(locks[i]);
    return out + "]\n";
}

bool passes(const error_code& ec) { return ec == condition::retry || ec == condition::unknown; }

}  // namespace

task<int> show_top(store_session& session, top_options options) {
    co_await session.connect();
    locker locks(session.runtime, *session.state);
    const bool clear = !options.once && !options.json && isatty(STDOUT_FILENO) == 1;
    while (true) {
        auto shown = co_await locks.list_all();
        if (!shown && (options.once || !passes(shown.error())))
            fail(shown.error(), "cannot list the locks", "see holdfast doctor");
        std::string picture;
        if (!shown) {
            std::cerr << "holdfast: the store does not answer; trying again" << std::endl;
        } else {
            std::ranges::sort(*shown, matters_more);
            picture =
                options.json ? json_of(*shown, options.lines) : table_of(*shown, options.lines);
        }
        std::cout << (clear ? "\x1b[H\x1b[2J" : "") << picture << std::flush;
        if (options.once || !std::cout) co_return exit_code::done;
        co_await session.runtime.sleep_until(session.runtime.now() + options.every);
    }
}

}  // namespace holdfast::cli
