// The registry: one instrument a name and labels, the exposition text, threads.
#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace holdfast {
namespace {

TEST(metrics, exposition_lists_families_with_help_type_and_labels) {
    metrics all;
    all.counter({"b_total", "Bs."}, {{"route", "/a\"b\\c\nd"}}).add(3);
    all.gauge({"a", "As."}).set(-2);
    all.read_at_scrape({"c", "Cs."}, {}, [] { return 1.5; });
    EXPECT_EQ(all.exposition(),
              "# HELP a As.\n# TYPE a gauge\na -2\n"
              "# HELP b_total Bs.\n# TYPE b_total counter\nb_total{route=\"/a\\\"b\\\\c\\nd\"} 3\n"
              "# HELP c Cs.\n# TYPE c gauge\nc 1.5\n");
}

TEST(metrics, the_same_name_and_labels_are_the_same_instrument) {
    metrics all;
    auto& one = all.counter({"n_total", ""}, {{"k", "1"}});
    all.counter({"n_total", ""}, {{"k", "2"}}).add();
    all.counter({"n_total", ""}, {{"k", "1"}}).add();
    EXPECT_EQ(one.value(), 1u);
    EXPECT_THROW(all.gauge({"n_total", ""}), std::logic_error);
}

TEST(metrics, histogram_buckets_are_cumulative_and_in_seconds) {
    metrics all;
    auto& h = all.histogram({"h", "Hs."}, {{"k", "v"}});
    for (const std::int64_t ns : {50'000L, 50'001L, 20'000'000'000L, -1L}) h.observe_ns(ns);
    const auto text = all.exposition();
    EXPECT_NE(text.find("h_bucket{k=\"v\",le=\"5e-05\"} 2\n"), text.npos) << text;
    EXPECT_NE(text.find("h_bucket{k=\"v\",le=\"0.0001\"} 3\n"), text.npos);
    EXPECT_NE(text.find("h_bucket{k=\"v\",le=\"10\"} 3\n"), text.npos);
    EXPECT_NE(text.find("h_bucket{k=\"v\",le=\"+Inf\"} 4\n"), text.npos);
    EXPECT_NE(text.find("h_sum{k=\"v\"} 20.000100001\n") != text.npos ||
                  text.find("h_sum{k=\"v\"} 20.0001\n") != text.npos,
              false);
    EXPECT_NE(text.find("h_count{k=\"v\"} 4\n"), text.npos);
}

TEST(metrics, counts_of_many_threads_add_up) {
    metrics all;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            auto& mine = all.counter({"n_total", ""});
            auto& spans = all.histogram({"h", ""});
            for (int i = 0; i < 1000; ++i) mine.add(), spans.observe_ns(i);
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(all.counter({"n_total", ""}).value(), 4000u);
    EXPECT_EQ(all.histogram({"h", ""}).bucket(0), 4000u);
}

}  // namespace
}  // namespace holdfast
