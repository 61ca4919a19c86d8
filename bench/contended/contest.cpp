// Counting and printing.
#include "contended/contest.hpp"

#include <cstdio>

namespace holdfast::bench {

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

contest::contest(const runtime& rt, const contest_plan& plan)
    : rt_(rt), plan_(plan), clients_(plan.clients) {}

void contest::got(unsigned client) {
    auto& mine = clients_[client];
    if (counting_)
        mine.microseconds_waited.push_back((rt_.now() - mine.asked_at) / microseconds{1});
    mine.asked_at = steady_time::max();
}

void contest::start(const std::string& what) {
    begun_at_ = rt_.now();
    say("ready " + what);
}

void contest::begin() {
    counting_ = true;
    say("begin");
}

void contest::end() {
    counting_ = false;
    const auto now = rt_.now();
    say("end");
    for (const auto& client : clients_) {
        std::string line = "waits";
        for (const auto waited : client.microseconds_waited) line += " " + std::to_string(waited);
        if (client.asked_at < now)
            line += " +" + std::to_string((now - client.asked_at) / microseconds{1});
        std::printf("%s\n", line.c_str());
    }
    say("done");
}

}  // namespace holdfast::bench
