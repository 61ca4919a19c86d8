// The book of stays, and the judgement over it.
#include "support/referee.hpp"

#include "support/referee_book.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace holdfast::test {

referee::referee() : path_(folder_.path() + "/referee"), work_(std::make_unique<work>(path_)) {}
referee::~referee() = default;

std::vector<episode> referee::episodes(const std::string& lock) const {
    return work_->look([&](const book& seen) {
        std::vector<episode> stays;
        for (const auto& each : seen.stays)
            if (lock.empty() || each.lock == lock) stays.push_back(each);
        std::ranges::sort(stays, {}, &episode::entered);
        return stays;
    });
}

void referee::await(const std::function<bool()>& holds) {
    for (auto news = work_->news(); !holds(); news = work_->await_news(news)) {
    }
}

episode referee::await_entry(const std::string& lock, const std::string& who, referee_time since) {
    episode found;
    await([&] {
        for (const auto& each : episodes(lock)) {
            found = each;
            if (each.who == who && each.entered > since) return true;
        }
        return false;
    });
    return found;
}

bool referee::heard(const std::string& who, const std::string& text) const {
    const auto line = who + " " + text;
    return work_->look([&](const book& seen) {
        return std::ranges::find(seen.remarks, line) != seen.remarks.end();
    });
}

void referee::await_remark(const std::string& who, const std::string& text) {
    await([&] { return heard(who, text); });
}

int referee::refused(const std::string& who) const {
    return work_->look([&](const book& seen) {
        const auto found = seen.refused.find(who);
        return found == seen.refused.end() ? 0 : found->second;
    });
}

int referee::accepted(const std::string& who) const {
    return work_->look([&](const book& seen) {
        const auto found = seen.accepted.find(who);
        return found == seen.accepted.end() ? 0 : found->second;
    });
}

std::string referee::violations() const {
    std::string found;
    std::map<std::string, episode> before;
    std::map<std::string, std::uint64_t> highest;
    const auto text = [](const episode& e) {
        const auto at = [](referee_time t) { return std::to_string(t.time_since_epoch().count()); };
        return e.who + " [" + at(e.entered) + ", " + at(e.last_seen) + "] fence " +
               std::to_string(e.fence);
    };
    for (const auto& each : episodes()) {
        const auto [last, first] = before.try_emplace(each.lock, each);
        if (first) continue;
        if (each.entered <= last->second.last_seen)
            found += each.lock + " overlap: " + text(last->second) + " and " + text(each) + "\n";
        auto& fence = highest.try_emplace(each.lock, last->second.fence).first->second;
        if (each.fence != 0 && each.fence <= fence)
            found += each.lock + " fence: " + text(last->second) + " and " + text(each) + "\n";
        fence = std::max(fence, each.fence);
        const auto seen = std::max(last->second.last_seen, each.last_seen);
        last->second = each;
        last->second.last_seen = seen;
    }
    return found;
}

}  // namespace holdfast::test
