// hiredis appends and reads, nothing else: no checks beyond the kind of the answer.
#include "firings/firings.hpp"
#include "schedule/job_store.hpp"
#include "schedule_scripts.hpp"

#include <hiredis/hiredis.h>

#include <deque>
#include <memory>
#include <vector>

namespace holdfast::bench {
namespace {

using connection = std::unique_ptr<redisContext, decltype(&redisFree)>;
using answer = std::unique_ptr<void, decltype(&freeReplyObject)>;

class sender {
public:
    explicit sender(redisContext* to) : to_(to) {}
    bool load(const script& what) const {
        const answer loaded(redisCommand(to_, "SCRIPT LOAD %b", what.text.data(), what.text.size()),
                            freeReplyObject);
        return loaded && static_cast<redisReply*>(loaded.get())->type == REDIS_REPLY_STRING;
    }
    void send(const script& what, std::initializer_list<std::string_view> keys,
              std::initializer_list<std::string_view> args) {
        const auto count = std::to_string(keys.size());
        starts_.clear();
        sizes_.clear();
        add("EVALSHA");
        add(what.sha1);
        add(count);
        for (const auto key : keys) add(key);
        for (const auto arg : args) add(arg);
        redisAppendCommandArgv(to_, static_cast<int>(starts_.size()), starts_.data(),
                               sizes_.data());
    }

private:
    void add(std::string_view word) {
        starts_.push_back(word.data());
        sizes_.push_back(word.size());
    }
    redisContext* to_;
    std::vector<const char*> starts_;
    std::vector<std::size_t> sizes_;
};

constexpr std::string_view generation = "1";  // as if it were put back after a loss

/// One job that is claimed and completed in turns.
struct bare_job {
    explicit bare_job(std::string of) : name(std::move(of)), keys("hf:", job_name(name)) {}

    void enrol(sender& to) const {
        to.send(
            scripts::schedule::enrol, {keys.register_},
            {"* * * * * *", "bench", "0", "node", "1", "0", "2000", generation, generation, "0"});
    }
    void claim(sender& to, std::int64_t now_ms) {
        const auto slot = std::to_string(++fired), now = std::to_string(now_ms);
        token = slot;
        token.insert(0, 32 - token.size(), '0');
        to.send(scripts::schedule::claim, {keys.register_, keys.leases, keys.runs, keys.ledger},
                {slot, token, "node", "30000", now, "2000", "0", generation, "forbid", "0", "10",
                 "0", "0", "0", "", "hf:fleet", name});
    }
    void complete(sender& to) const {
        const auto slot = std::to_string(fired);
        to.send(scripts::schedule::complete,
                {keys.register_, keys.leases, keys.runs, keys.ledger, keys.outputs},
                {token, "ok", "", "1", "", "", "10", "0", "hf:fleet", name, "", "0", slot, "0",
                 "forbid"});
    }

    std::string name;
    schedule::job_keys keys;
    std::string token;
    std::int64_t fired = first_fire_time_ms;
    bool claimed = false;
};

}  // namespace

double bare_firings(const runtime& rt, int port, int in_flight, nanoseconds span) {
    const connection to(redisConnect("127.0.0.1", port), redisFree);
    if (!to || to->err != 0) return 0;
    sender out(to.get());
    for (const auto* what :
         {&scripts::schedule::enrol, &scripts::schedule::claim, &scripts::schedule::complete})
        if (!out.load(*what)) return 0;
    const auto read = [&] {
        void* raw = nullptr;
        redisGetReply(to.get(), &raw);
        return answer(raw, freeReplyObject);
    };
    const auto run = "bench:" + std::to_string(to_unix_ms(rt.wall_now())) + ":";
    std::deque<bare_job> jobs;
    std::deque<bare_job*> asked;
    for (int i = 0; i < in_flight; ++i) {
        jobs.emplace_back(run + std::to_string(i)).enrol(out);
        if (!read()) return 0;
    }
    for (auto& job : jobs) {
        job.claim(out, to_unix_ms(rt.wall_now()));
        asked.push_back(&job);
    }
    bool good = true;
    const double firings = rate(rt, span, [&] {
        const answer got = good ? read() : answer(nullptr, freeReplyObject);
        const auto* is = static_cast<const redisReply*>(got.get());
        auto* job = asked.front();
        const std::string_view wanted = job->claimed ? "DONE" : "CLAIMED";
        good = is != nullptr && is->type == REDIS_REPLY_ARRAY && wanted == is->element[0]->str;
        if (!good) return 0;
        asked.pop_front();
        asked.push_back(job);
        job->claimed = !job->claimed;
        if (job->claimed)
            job->complete(out);
        else
            job->claim(out, to_unix_ms(rt.wall_now()));
        return job->claimed ? 0 : 1;
    });
    return good ? firings : 0;
}

}  // namespace holdfast::bench
