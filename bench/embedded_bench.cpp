// What one script costs in process: parts of it, and with a journal behind it.
#include "base/encode.hpp"
#include "store/embedded/embedded_engine.hpp"

#include <benchmark/benchmark.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace holdfast {
namespace {

using embedded::embedded_engine;
using embedded::journal_options;

struct bench_script {
    explicit bench_script(std::string t) : text(std::move(t)) {
        unsigned char digest[SHA_DIGEST_LENGTH];
        SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
        sha1 = hex_encode(std::as_bytes(std::span(digest)));
    }
    script get() const { return {"bench", sha1, text}; }
    std::string text;
    std::string sha1;
};

const bench_script acquire(
    "if redis.call('EXISTS', KEYS[2]) == 0 and "
    "redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then "
    "return {1, redis.call('INCR', KEYS[3])} end "
    "return {0, redis.call('PTTL', KEYS[1])}");
const bench_script release(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0");

const std::vector<std::string> keys{"orders", "hf:q:{orders}", "hf:f:{orders}"};
const std::vector<std::string> args{"00112233445566778899aabbccddeeff", "30000"};

void acquire_and_release(benchmark::State& state, embedded_engine& engine) {
    auto now = from_unix_seconds(1'700'000'000);
    for (auto _ : state) {
        now += microseconds(10);
        benchmark::DoNotOptimize(engine.run(acquire.get(), keys, args, now));
        benchmark::DoNotOptimize(engine.run(release.get(), keys, args, now));
    }
    state.SetItemsProcessed(state.iterations() * 2);
}

void empty_script(benchmark::State& state) {
    embedded_engine engine;
    const bench_script nothing("return 1");
    for (auto _ : state)
        benchmark::DoNotOptimize(engine.run(nothing.get(), keys, args, wall_time{}));
}
BENCHMARK(empty_script);

void in_memory(benchmark::State& state) {
    embedded_engine engine;
    acquire_and_release(state, engine);
}
BENCHMARK(in_memory);

void with_journal(benchmark::State& state, journal_options::sync when) {
    std::string folder =
        (std::filesystem::temp_directory_path() / "holdfast-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return state.SkipWithError("no temporary folder");
    {
        embedded_engine::options options;
        options.journal.when = when;
        std::string why;
        const auto engine =
            embedded_engine::open(folder, options, logger(log_level::off, log_format::text),
                                  from_unix_seconds(1'700'000'000), why);
        if (engine)
            acquire_and_release(state, **engine);
        else
            state.SkipWithError(why.c_str());
    }
    std::filesystem::remove_all(folder);
}
BENCHMARK_CAPTURE(with_journal, every_second, journal_options::sync::every_second);
BENCHMARK_CAPTURE(with_journal, always, journal_options::sync::always);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
