// An engine in memory whose clock the test turns, and one-line calls.
#pragma once

#include "store/contract/script_of.hpp"
#include "store/embedded/embedded_engine.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast::test {

using embedded::answer;

/// Answers in one line, statuses and errors marked: `+OK`, `-ERR …`.
inline std::string to_line(const answer& a) {
    switch (a.type) {
        case answer::kind::nil: return "nil";
        case answer::kind::integer: return std::to_string(a.number);
        case answer::kind::bulk: return '"' + a.text + '"';
        case answer::kind::status: return "+" + a.text;
        case answer::kind::error: return "-" + a.text;
        case answer::kind::array: break;
    }
    std::string line = "[";
    for (const auto& item : a.items) line += (line.size() > 1 ? " " : "") + to_line(item);
    return line + "]";
}

class engine_fixture : public testing::Test {
protected:
    answer eval(const std::string& text, std::vector<std::string> keys = {},
                std::vector<std::string> args = {}) {
        const owned_script what(text);
        return engine_.call(what.get(), keys, args, now_);
    }
    /// The answer of a script, in one line.
    std::string lua(const std::string& text, std::vector<std::string> args = {}) {
        return to_line(eval(text, {}, std::move(args)));
    }
    /// The answer of one command given as words.
    std::string cmd(std::vector<std::string> words) {
        return lua("return redis.call(unpack(ARGV))", std::move(words));
    }
    void pass(milliseconds span) { now_ += span; }

    embedded::embedded_engine engine_;
    wall_time now_ = from_unix_ms(1'700'000'000'000);
};

}  // namespace holdfast::test
