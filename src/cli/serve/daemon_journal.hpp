// The daemon's event sink: every event is counted, and those an operator wants to see are logged.
#pragma once

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "holdfast/journal.hpp"

#include <array>

namespace holdfast::cli {

/// Shared by all shards; record() is thread-safe and does not block on I/O other than the log's.
class daemon_journal final : public journal {
public:
    daemon_journal(logger log, metrics& counts);
    void record(const event& what) override;

private:
    static constexpr std::size_t kinds = static_cast<std::size_t>(event_kind::clock_step) + 1;

    logger log_;
    std::array<counter*, kinds> counters_{};
};

}  // namespace holdfast::cli
