// The registry of instruments and its text form.
#include "base/metrics.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace holdfast {
namespace {

std::string label_text(const metric_labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        if (!text.empty()) text += ',';
        text.append(name).append("=\"");
        for (const char c : value) {
            if (c == '\\' || c == '"') text += '\\';
            if (c == '\n')
                text += "\\n";
            else
                text += c;
        }
        text += '"';
    }
    return text;
}

std::string number(double value) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.9g", value);
    return digits;
}

void sample(std::string& out, std::string_view name, std::string_view labels,
            std::string_view value) {
    out += name;
    if (!labels.empty()) out.append("{").append(labels).append("}");
    out.append(" ").append(value).append("\n");
}

void write_histogram(std::string& out, const std::string& name, const std::string& labels,
                     const histogram& h) {
    const auto before = labels.empty() ? std::string() : labels + ",";
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i <= histogram::bounds.size(); ++i) {
        seen += h.bucket(i);
        const auto bound = i < histogram::bounds.size()
                               ? number(static_cast<double>(histogram::bounds[i]) / 1e9)
                               : "+Inf";
        sample(out, name + "_bucket", before + "le=\"" + bound + "\"", std::to_string(seen));
    }
    sample(out, name + "_sum", labels, number(static_cast<double>(h.sum_ns()) / 1e9));
    sample(out, name + "_count", labels, std::to_string(seen));
}

}  // namespace

void histogram::observe_ns(std::int64_t span) noexcept {
    const auto at = std::lower_bound(bounds.begin(), bounds.end(), span) - bounds.begin();
    buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(span > 0 ? static_cast<std::uint64_t>(span) : 0, std::memory_order_relaxed);
}

metrics::instrument& metrics::find(kind type, const metric_name& name,
                                   const metric_labels& labels) {
    auto& found = families_.try_emplace(name.name, family{type, name.help, {}}).first->second;
    if (found.type != type) throw std::logic_error("metric of two kinds: " + name.name);
    const auto text = label_text(labels);
    for (auto& one : found.instruments)
        if (one.labels == text) return one;
    return found.instruments.emplace_back(instrument{text});
}

counter& metrics::counter(const metric_name& name, const metric_labels& labels) {
    const std::scoped_lock lock(mutex_);
    auto& found = find(kind::counter, name, labels);
    if (found.counter == nullptr) found.counter = &counters_.emplace_back();
    return *found.counter;
}

gauge& metrics::gauge(const metric_name& name, const metric_labels& labels) {
    const std::scoped_lock lock(mutex_);
    auto& found = find(kind::gauge, name, labels);
    if (found.gauge == nullptr) found.gauge = &gauges_.emplace_back();
    return *found.gauge;
}

histogram& metrics::histogram(const metric_name& name, const metric_labels& labels) {
    const std::scoped_lock lock(mutex_);
    auto& found = find(kind::histogram, name, labels);
    if (found.histogram == nullptr) found.histogram = &histograms_.emplace_back();
    return *found.histogram;
}

void metrics::read_at_scrape(const metric_name& name, const metric_labels& labels,
                             std::function<double()> read) {
    const std::scoped_lock lock(mutex_);
    find(kind::callback, name, labels).callback = std::move(read);
}

void metrics::write(std::string& out, const std::string& name, const family& of) {
    static constexpr std::array<std::string_view, 4> types{"counter", "gauge", "histogram",
                                                           "gauge"};
    out.append("# HELP ").append(name).append(" ").append(of.help).append("\n# TYPE ");
    out.append(name).append(" ").append(types[static_cast<std::size_t>(of.type)]).append("\n");
    for (const auto& one : of.instruments) {
        if (one.counter != nullptr)
            sample(out, name, one.labels, std::to_string(one.counter->value()));
        if (one.gauge != nullptr) sample(out, name, one.labels, std::to_string(one.gauge->value()));
        if (one.histogram != nullptr) write_histogram(out, name, one.labels, *one.histogram);
        if (one.callback) sample(out, name, one.labels, number(one.callback()));
    }
}

std::string metrics::exposition() const {
    const std::scoped_lock lock(mutex_);
    std::string out;
    for (const auto& [name, of] : families_) write(out, name, of);
    return out;
}

}  // namespace holdfast
