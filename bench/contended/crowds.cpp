// Server cost beside a crowd: many who wait for the same lock, many other locks held.
#include "contended/contest.hpp"
#include "contended/wire.hpp"

#include <algorithm>
#include <cstdio>

namespace holdfast::bench {
namespace {

const std::string channel = "bench:crowd-channel";

/// One connection that sends calls of numbered owners in batches, and one that hears the pushes.
class crowd {
public:
    explicit crowd(int port) : to_(port), hears_(port) {
        for (const auto* call : {&words_.acquire, &words_.claim, &words_.leave, &words_.release})
            to_.load(*call);
        hears_.ask({"SUBSCRIBE", channel});
    }

    /// `lock_of(i)` for owners first, first + 1, …; the answers are checked by `good`.
    template <class LockOf, class Good>
    void each(const recorded_call& call, unsigned first, unsigned count, LockOf lock_of,
              Good good) {
        constexpr unsigned batch = 200;
        for (unsigned done = 0; done < count;) {
            const unsigned now = std::min(batch, count - done);
            for (unsigned i = 0; i < now; ++i) {
                const unsigned number = first + done + i;
                to_.append(call.with(owner_number(number), lock_of(number), channel));
            }
            for (unsigned i = 0; i < now; ++i)
                if (!good(*to_.read())) throw std::runtime_error("a call was answered otherwise");
            done += now;
        }
    }
    const lock_words& words() const noexcept { return words_; }

private:
    lock_words words_ = lock_words::record(hours{24});
    wire to_;
    wire hears_;
};

bool taken(const redisReply& answer) { return is_taken(answer); }
bool queued(const redisReply& answer) { return !is_taken(answer); }
bool done(const redisReply& answer) { return answer.integer == 1; }

/// Whoever reads the line asks the server, and then answers with a line.
void say_and_wait(const std::string& line) {
    say(line);
    for (int c = std::getchar(); c != '\n' && c != EOF;) c = std::getchar();
}

template <class Calls>
void measured(const std::string& name, Calls calls) {
    say_and_wait("begin " + name);
    calls();
    say_and_wait("end " + name);
}

}  // namespace

void measure_queued(int port, unsigned size, unsigned times) {
    crowd all(port);
    const auto& words = all.words();
    const auto lock = [](unsigned) { return std::string("bench:queued"); };
    say("ready holdfast");
    all.each(words.acquire, 0, 1, lock, taken);
    all.each(words.acquire, 1, size, lock, queued);
    measured("join and leave", [&] {
        all.each(words.acquire, size + 1, times, lock, queued);
        all.each(words.leave, size + 1, times, lock, done);
    });
    measured("hand-over", [&] { all.each(words.release, 0, std::min(times, size), lock, done); });
    say("done");
}

void measure_held(int port, unsigned size, unsigned times) {
    crowd all(port);
    const auto& words = all.words();
    const auto lock = [](unsigned number) { return "bench:held:" + std::to_string(number); };
    say("ready holdfast");
    measured("fill", [&] { all.each(words.acquire, 0, size, lock, taken); });
    measured("acquire and release", [&] {
        all.each(words.acquire, size, times, lock, taken);
        all.each(words.release, size, times, lock, done);
    });
    measured("extend", [&] {
        for (unsigned i = 0; i < times; ++i) all.each(words.claim, i % size, 1, lock, done);
    });
    say("done");
}

}  // namespace holdfast::bench
