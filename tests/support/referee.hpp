// Sees from outside who is inside a lock: one clock for all processes, and a resource with a fence.
#pragma once

#include "support/child_process.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

/// The referee's clock is CLOCK_MONOTONIC, which all processes of the machine share.
using referee_time = std::chrono::steady_clock::time_point;

/// What one process says to the referee. Every stamp is read by the speaker *before* it checks that
/// it still holds, so what it claims for that instant is true: an overlap that is seen is real,
/// however loaded the machine is.
class referee_line {
public:
    /// Connects to the referee's socket. Throws std::runtime_error.
    referee_line(const std::string& socket_path, std::string who);
    ~referee_line();
    referee_line(const referee_line&) = delete;

    void enter(const std::string& lock, std::uint64_t fence, referee_time at);
    /// Still inside at that time.
    void inside(const std::string& lock, std::uint64_t fence, referee_time at);
    void remark(const std::string& text);
    /// Writes to the resource behind the lock; false when it refused the fence as too old.
    bool write(const std::string& lock, std::uint64_t fence);

private:
    void send(const std::string& line) const;
    std::string who_;
    int fd_ = -1;
};

/// One stay inside a lock, from the first stamp to the last one that came.
struct episode {
    std::string who;
    std::string lock;
    std::uint64_t fence;  ///< zero: a client without fences
    referee_time entered;
    referee_time last_seen;
};

/// Collects what all processes say, and keeps one fenced resource per lock: it accepts a write when
/// the fence is not below the highest it has accepted. A thread of its own; thread-safe. Waits end
/// with an exception after 60 s.
class referee {
public:
    referee();
    ~referee();
    referee(const referee&) = delete;

    const std::string& path() const noexcept { return path_; }

    /// In order of entering; of one lock or, without a name, of all.
    std::vector<episode> episodes(const std::string& lock = {}) const;
    /// The first stay of `who` in `lock` that began after `since`.
    episode await_entry(const std::string& lock, const std::string& who, referee_time since = {});
    /// A remark "WHO TEXT" has come.
    void await_remark(const std::string& who, const std::string& text);
    bool heard(const std::string& who, const std::string& text) const;
    /// Until something holds; looked at whenever news has come.
    void await(const std::function<bool()>& holds);

    /// Writes that the resources refused, and accepted, of one speaker.
    int refused(const std::string& who) const;
    int accepted(const std::string& who) const;

    /// Two inside at a time, or a fence that does not rise from one stay to the next; empty when
    /// all was well. One line each.
    std::string violations() const;

private:
    class work;
    temporary_folder folder_;
    std::string path_;
    std::unique_ptr<work> work_;
};

}  // namespace holdfast::test
