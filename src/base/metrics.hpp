// Counters, gauges and histograms that several threads share, and their Prometheus text.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

/// A count that only rises. Thread-safe, lock-free.
class counter {
public:
    void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// A number that goes both ways. Thread-safe, lock-free.
class gauge {
public:
    void set(std::int64_t to) noexcept { value_.store(to, std::memory_order_relaxed); }
    void add(std::int64_t n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

/// How spans of time spread over fixed buckets, 50 µs to 10 s. Thread-safe, lock-free; a scrape may
/// see a sum and a count that differ by the observations under way.
class histogram {
public:
    /// Upper bounds of the buckets in nanoseconds; one more bucket takes the rest.
    static constexpr std::array<std::int64_t, 14> bounds{
        50'000,      100'000,       250'000,       500'000,       1'000'000,
        2'500'000,   5'000'000,     10'000'000,    25'000'000,    100'000'000,
        250'000'000, 1'000'000'000, 2'500'000'000, 10'000'000'000};

    void observe_ns(std::int64_t span) noexcept;

    std::uint64_t bucket(std::size_t i) const noexcept {
        return buckets_[i].load(std::memory_order_relaxed);
    }
    std::uint64_t sum_ns() const noexcept { return sum_.load(std::memory_order_relaxed); }

private:
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};
    std::atomic<std::uint64_t> sum_{0};
};

/// `{{"route", "/authz"}, {"status", "200"}}`
using metric_labels = std::vector<std::pair<std::string, std::string>>;

/// What a metric is called ("holdfast_http_requests_total") and what it tells.
struct metric_name {
    std::string name;
    std::string help;
};

/// All metrics of one process. Asking twice for one name and labels gives the same instrument;
/// references stay good as long as the registry. Thread-safe; look instruments up while wiring, not
/// per request: a look-up takes a mutex.
///
/// Throws std::logic_error when a name is asked for as two kinds (a bug).
class metrics {
public:
    holdfast::counter& counter(const metric_name&, const metric_labels& = {});
    holdfast::gauge& gauge(const metric_name&, const metric_labels& = {});
    holdfast::histogram& histogram(const metric_name&, const metric_labels& = {});
    /// A value read at each scrape, on the scraping thread, with the registry locked: the function
    /// must be thread-safe and may not call back into the registry.
    void read_at_scrape(const metric_name&, const metric_labels&, std::function<double()>);

    /// Prometheus text exposition format 0.0.4, families in alphabetical order.
    std::string exposition() const;
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    enum class kind { counter, gauge, histogram, callback };
    struct instrument {
        std::string labels;  // as exposed, without braces
        holdfast::counter* counter = nullptr;
        holdfast::gauge* gauge = nullptr;
        holdfast::histogram* histogram = nullptr;
        std::function<double()> callback = {};
    };
    struct family {
        kind type;
        std::string help;
        std::deque<instrument> instruments;
    };

    instrument& find(kind, const metric_name&, const metric_labels&);
    static void write(std::string& out, const std::string& name, const family&);

    mutable std::mutex mutex_;
    std::map<std::string, family, std::less<>> families_;
    std::deque<holdfast::counter> counters_;
    std::deque<holdfast::gauge> gauges_;
    std::deque<holdfast::histogram> histograms_;
};

}  // namespace holdfast
