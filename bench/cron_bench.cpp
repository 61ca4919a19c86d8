// Cron: parse, next in UTC and in a zone, the rarest date. The limits are those of docs/benchmarks.
#include "holdfast/cron.hpp"
#include "holdfast/misfire.hpp"

#include <benchmark/benchmark.h>

#include <vector>

namespace {

using namespace holdfast;

void cron_parse(benchmark::State& state, const char* text) {
    for (auto _ : state) {
        auto parsed = cron_expression::parse(text);
        benchmark::DoNotOptimize(parsed);
    }
}

// Bases spread over decades, so that neither branch predictor nor cache learns one answer.
std::vector<wall_time> bases() {
    std::vector<wall_time> all;
    std::uint64_t x = 88172645463325252;
    for (int i = 0; i < 1024; ++i) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        all.push_back(
            from_unix_seconds(946'684'800 + static_cast<std::int64_t>(x % 1'500'000'000)));
    }
    return all;
}

void cron_next(benchmark::State& state, const char* text, const char* zone_name) {
    const auto e = cron_expression::parse(text).value();
    const auto zone = time_zone::find(zone_name).value();
    const auto from = bases();
    std::size_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(e.next_after(from[i++ & 1023], zone));
}

// One after the other, as a scheduler asks.
void cron_successive(benchmark::State& state, const char* text, const char* zone_name) {
    const auto e = cron_expression::parse(text).value();
    const auto zone = time_zone::find(zone_name).value();
    const auto start = from_unix_seconds(1'795'000'000);
    auto at = start;
    for (auto _ : state) {
        at = e.next_after(at, zone).value_or(start);
        if (at - start > hours{24 * 36500}) at = start;
    }
    benchmark::DoNotOptimize(at);
}

void misfire_plan_after_years(benchmark::State& state) {
    const auto e = cron_expression::parse("* * * * * *").value();
    const auto from = from_unix_seconds(1'000'000'000);
    for (auto _ : state)
        benchmark::DoNotOptimize(plan_misfires(from, from_unix_seconds(1'795'000'000), e, {}, {}));
}

BENCHMARK_CAPTURE(cron_parse, every_minute, "* * * * *");
BENCHMARK_CAPTURE(cron_parse, seed, "0 0/10 * * * ?");
BENCHMARK_CAPTURE(cron_parse, office, "*/10 9-17 * * MON-FRI");
BENCHMARK_CAPTURE(cron_parse, special, "0 0 12 L-3,15W * FRI#2 2026-2030");
BENCHMARK_CAPTURE(cron_next, utc_every_minute, "* * * * *", "UTC");
BENCHMARK_CAPTURE(cron_next, utc_seed, "0 0/10 * * * ?", "UTC");
BENCHMARK_CAPTURE(cron_next, utc_weekdays, "30 2 * * MON-FRI", "UTC");
BENCHMARK_CAPTURE(cron_next, utc_second_friday, "0 12 * * FRI#2", "UTC");
BENCHMARK_CAPTURE(cron_next, utc_leap_day_friday, "0 0 0 29 2 FRI", "UTC");
BENCHMARK_CAPTURE(cron_next, shanghai_daily, "30 2 * * *", "Asia/Shanghai");
BENCHMARK_CAPTURE(cron_next, new_york_seed, "0 0/10 * * * ?", "America/New_York");
BENCHMARK_CAPTURE(cron_next, new_york_weekdays, "30 2 * * MON-FRI", "America/New_York");
BENCHMARK_CAPTURE(cron_next, new_york_leap_day_friday, "0 0 0 29 2 FRI", "America/New_York");
BENCHMARK_CAPTURE(cron_successive, utc_seed, "0 0/10 * * * ?", "UTC");
BENCHMARK_CAPTURE(cron_successive, new_york_daily, "30 2 * * *", "America/New_York");
BENCHMARK(misfire_plan_after_years);

}  // namespace

BENCHMARK_MAIN();
