// A hiredis connection and its answers, owned.
#pragma once

#include "contended/lock_words.hpp"

#include <hiredis/hiredis.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast::bench {

using wire_answer = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

inline wire_answer own(void* raw) { return {static_cast<redisReply*>(raw), freeReplyObject}; }

/// Whether an acquire took the lock (acquire.lua).
inline bool is_taken(const redisReply& answer) {
    return answer.type == REDIS_REPLY_INTEGER && answer.integer > 0;
}

class wire {
public:
    explicit wire(int port) : to_(redisConnect("127.0.0.1", port), redisFree) {
        if (!to_ || to_->err != 0) throw std::runtime_error("no connection to Redis");
    }
    int descriptor() const noexcept { return to_->fd; }

    void append(const std::vector<std::string>& words) {
        std::vector<const char*> starts;
        std::vector<std::size_t> sizes;
        for (const auto& word : words) {
            starts.push_back(word.data());
            sizes.push_back(word.size());
        }
        redisAppendCommandArgv(to_.get(), static_cast<int>(words.size()), starts.data(),
                               sizes.data());
    }
    void flush() {
        for (int done = 0; done == 0;)
            if (redisBufferWrite(to_.get(), &done) != REDIS_OK) fail();
    }
    /// Waits for the answer.
    wire_answer read() {
        void* raw = nullptr;
        if (redisGetReply(to_.get(), &raw) != REDIS_OK) fail();
        return checked(raw);
    }
    /// Reads what has come; answers are then in take().
    void fill() {
        if (redisBufferRead(to_.get()) != REDIS_OK) fail();
    }
    /// The next whole answer that fill() has read; empty when there is none.
    wire_answer take() {
        void* raw = nullptr;
        if (redisGetReplyFromReader(to_.get(), &raw) != REDIS_OK) fail();
        return checked(raw);
    }
    wire_answer ask(const std::vector<std::string>& words) {
        append(words);
        return read();
    }
    void load(const recorded_call& call) { ask({"SCRIPT", "LOAD", call.script_text()}); }

private:
    [[noreturn]] void fail() const { throw std::runtime_error(to_->errstr); }
    static wire_answer checked(void* raw) {
        auto answer = own(raw);
        if (answer && answer->type == REDIS_REPLY_ERROR)
            throw std::runtime_error(std::string(answer->str, answer->len));
        return answer;
    }
    std::unique_ptr<redisContext, decltype(&redisFree)> to_;
};

}  // namespace holdfast::bench
