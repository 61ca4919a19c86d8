// hiredis appends and reads, nothing else: no checks beyond the type of the answer.
#include "bare_pairs.hpp"

#include "lock_scripts.hpp"
#include "timed.hpp"

#include <hiredis/hiredis.h>

#include <deque>
#include <memory>
#include <vector>

namespace holdfast::bench {
namespace {

using connection = std::unique_ptr<redisContext, decltype(&redisFree)>;
using answer = std::unique_ptr<void, decltype(&freeReplyObject)>;

/// The words of one EVALSHA, as the lock room sends it.
class command {
public:
    command(const script& what, std::vector<std::string> rest) {
        words_ = {"EVALSHA", std::string(what.sha1), "4"};
        words_.insert(words_.end(), rest.begin(), rest.end());
        for (const auto& word : words_) {
            starts_.push_back(word.data());
            sizes_.push_back(word.size());
        }
    }
    command(const command&) = delete;
    void send(redisContext* to) const {
        redisAppendCommandArgv(to, static_cast<int>(starts_.size()),
                               const_cast<const char**>(starts_.data()), sizes_.data());
    }

private:
    std::vector<std::string> words_;
    std::vector<const char*> starts_;
    std::vector<std::size_t> sizes_;
};

struct one_lock {
    explicit one_lock(int number)
        : name("bench:bare:" + std::to_string(number)),
          owner("0123456789abcdef0123456789ab" + std::to_string(1000 + number)),
          acquire(scripts::lock::acquire, with_keys({owner, "30000", owner + "|30000|" + who(), "-",
                                                     "0", "0", "3000", "0"})),
          release(scripts::lock::release, with_keys({owner, "0", "0", "3000", "0"})) {}

    static std::string who() { return "bench-host/12345|hf:ch:0123456789abcdef0123456789abcdef"; }
    std::vector<std::string> with_keys(std::vector<std::string> args) const {
        std::vector<std::string> all{name, "hf:q:{" + name + "}:" + name,
                                     "hf:f:{" + name + "}:" + name, "hf:m:{" + name + "}:" + name};
        all.insert(all.end(), args.begin(), args.end());
        return all;
    }

    std::string name;
    std::string owner;
    command acquire;
    command release;
    bool held = false;
};

bool load(redisContext* to, const script& what) {
    const answer loaded(redisCommand(to, "SCRIPT LOAD %b", what.text.data(), what.text.size()),
                        freeReplyObject);
    return loaded && static_cast<redisReply*>(loaded.get())->type == REDIS_REPLY_STRING;
}

}  // namespace

double bare_pairs(const runtime& rt, int port, int in_flight, nanoseconds span) {
    const connection to(redisConnect("127.0.0.1", port), redisFree);
    if (!to || to->err != 0) return 0;
    if (!load(to.get(), scripts::lock::acquire) || !load(to.get(), scripts::lock::release))
        return 0;
    std::deque<one_lock> locks;
    std::deque<one_lock*> asked;
    for (int i = 0; i < in_flight; ++i) {
        locks.emplace_back(i).acquire.send(to.get());
        asked.push_back(&locks.back());
    }
    bool good = true;
    const auto step = [&] {
        void* raw = nullptr;
        good = good && redisGetReply(to.get(), &raw) == REDIS_OK;
        const answer read(raw, freeReplyObject);
        if (!good) return 0;
        auto* lock = asked.front();
        asked.pop_front();
        const auto* got = static_cast<redisReply*>(raw);
        good = got->type == REDIS_REPLY_INTEGER;
        lock->held = !lock->held;
        (lock->held ? lock->release : lock->acquire).send(to.get());
        asked.push_back(lock);
        return lock->held ? 0 : 1;
    };
    const double pairs = rate(rt, span, step);
    return good ? pairs : 0;
}

}  // namespace holdfast::bench
