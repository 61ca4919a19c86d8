// What the referee has heard, and the thread that listens.
#pragma once

#include "support/referee.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace holdfast::test {

struct book {
    /// The latest stay of that speaker with that fence.
    episode* find(const std::string& who, const std::string& lock, std::uint64_t fence);

    std::vector<episode> stays;
    std::vector<std::string> remarks;
    std::map<std::string, std::uint64_t> highest;  // by lock: what its resource has accepted
    std::map<std::string, int> refused;
    std::map<std::string, int> accepted;
};

class referee::work {
public:
    explicit work(const std::string& path);
    ~work();

    template <class Look>
    auto look(Look what) const {
        const std::lock_guard lock(mutex_);
        return what(book_);
    }
    std::uint64_t news() const {
        const std::lock_guard lock(mutex_);
        return news_;
    }
    /// Returns the number of the news after `seen`. Throws after 60 s.
    std::uint64_t await_news(std::uint64_t seen);

private:
    void listen();
    /// One message of a speaker; the answer, if it wants one.
    std::string take(const std::string& line);

    int listener_;
    int stop_[2];
    mutable std::mutex mutex_;
    std::condition_variable came_;
    book book_;
    std::uint64_t news_ = 0;
    std::jthread thread_;
};

}  // namespace holdfast::test
