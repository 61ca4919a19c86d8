// One process of the fleet that uses holdfast::mutex from a thread: takes it, stays, gives it back.
//
// fault_blocking_agent STORE SOCKET WHO LOCK TTL_MS HOLD_MS TURNS
#include "client/open_store.hpp"
#include "holdfast/mutex.hpp"
#include "support/referee.hpp"
#include "support/wait.hpp"

#include <csignal>
#include <mutex>

namespace holdfast::test {
namespace {

using clock_type = std::chrono::steady_clock;

void stay(referee_line& line, const mutex& held, const std::string& lock, milliseconds span) {
    const auto fence = held.fence().value();
    const auto began = clock_type::now();
    line.enter(lock, fence, began);
    for (auto now = began; now < began + span; now = clock_type::now()) {
        if (held.reason() != lost_reason::none) return;
        line.inside(lock, fence, now);
        line.write(lock, fence);
        let_live(milliseconds{1});
    }
}

int take_turns(char** argv) {
    referee_line line(argv[2], argv[3]);
    std::string why;
    const logger log(log_level::off, log_format::text);
    const auto source = store_source::open({.url = argv[1]}, log, why).value();
    client agree([&](runtime& rt) { return source->attach(rt, null_journal()); });
    const std::string lock = argv[4];
    mutex turn(agree, lock_name(lock), lease_ttl(milliseconds{std::stol(argv[5])}));
    for (int left = std::stoi(argv[7]); left > 0; --left) {
        const std::unique_lock held(turn);
        stay(line, turn, lock, milliseconds{std::stol(argv[6])});
    }
    agree.close();
    return 0;
}

}  // namespace
}  // namespace holdfast::test

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    return argc == 8 ? holdfast::test::take_turns(argv) : 2;
}
