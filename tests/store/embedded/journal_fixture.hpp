// An engine with a journal in a folder of its own, opened as often as the test likes.
#pragma once

#include "store/contract/script_of.hpp"
#include "store/embedded/embedded_engine.hpp"
#include "support/child_process.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

using embedded::embedded_engine;
using engine_ptr = std::shared_ptr<embedded_engine>;

inline std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// Everything a keyspace holds, as the effects that rebuild it: equal texts, equal contents.
inline std::string contents(const embedded::keyspace& keys) {
    std::string all;
    dump(keys, [&](const embedded::effects& piece) { all += piece.bytes(); });
    return all;
}

class journal_fixture : public testing::Test {
protected:
    std::string folder() const { return home_.path() + "/data"; }
    std::string journal_file() const { return folder() + "/journal"; }

    engine_ptr open() { return open_at(folder()); }
    engine_ptr open_at(const std::string& path) {
        auto opened = embedded_engine::open(path, options_, log_, now_, why_);
        EXPECT_TRUE(opened) << why_;
        return opened ? *opened : nullptr;
    }
    result<reply> run(embedded_engine& on, const std::string& text,
                      std::vector<std::string> args = {}) {
        const owned_script what(text);
        return on.run(what.get(), {}, args, now_);
    }
    std::string get(embedded_engine& on, const std::string& key) {
        const auto got = run(on, "return redis.call('GET', ARGV[1])", {key});
        return got ? std::string(got->as_text()) : got.error().message();
    }
    result<reply> set(embedded_engine& on, const std::string& key, const std::string& value) {
        return run(on, "return redis.call('SET', ARGV[1], ARGV[2])", {key, value});
    }
    /// How many files recovery has put aside.
    int damaged_files() const {
        int count = 0;
        for (const auto& e : std::filesystem::directory_iterator(folder()))
            count += e.path().filename().string().starts_with("journal.damaged-") ? 1 : 0;
        return count;
    }

    temporary_folder home_;
    embedded_engine::options options_;
    logger log_{log_level::off, log_format::text};
    wall_time now_ = from_unix_ms(1'700'000'000'000);
    std::string why_;
};

}  // namespace holdfast::test
