// A Redis, and `holdfast` processes that use it.
#pragma once

#include "support/redis_server.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace holdfast::test {

class lock_commands : public testing::Test {
protected:
    child_process start(std::vector<std::string> words,
                        std::map<std::string, std::string> environment = {}) const {
        words.insert(words.begin(), HOLDFAST_PROGRAM);
        child_process::options options;
        environment.emplace("HOLDFAST_STORE", redis.url());
        options.environment = std::move(environment);
        return child_process(std::move(words), options);
    }
    child_process finish(std::vector<std::string> words) const {
        auto child = start(std::move(words));
        child.wait();
        return child;
    }
    /// Queue 'q': for the mutex; 's': for shares.
    void await_queue(char queue, const std::string& name, const std::string& length) const {
        const auto key = std::string("hf:") + queue + ":{" + name + "}:" + name;
        EXPECT_TRUE(wait_until([&] { return redis.cli({"ZCARD", key}) == length; })) << key;
    }
    redis_server redis;
};

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

}  // namespace holdfast::test
